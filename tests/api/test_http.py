"""What a request and its answer hold, before any route."""

from __future__ import annotations

import json

import pytest

from liveproof.api.http import Request, Response, require_size
from liveproof.api.problems import BodyTooLarge
from liveproof.api.request_bodies import decode
from liveproof.domain.requests import CreateVerification, ResendDeliveries
from liveproof.use_cases.errors import InvalidRequest

INPUT = {"md5": "0" * 32, "size": 1, "content_type": "image/jpeg"}


def with_body(body: bytes) -> Request:
    return Request("POST", "/v1/verifications", {}, {}, body)


def test_no_body_is_shown_where_a_request_or_an_answer_is_printed() -> None:
    """A body has references of persons, an answer presigned URLs."""
    assert "canary" not in repr(with_body(b"canary")) + repr(Response(200, b"canary", {}))


def test_a_body_may_have_64_kib_and_not_a_byte_more() -> None:
    require_size(with_body(b" " * 65_536))
    with pytest.raises(BodyTooLarge, match="65536 bytes, not 65537"):
        require_size(with_body(b" " * 65_537))


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (CreateVerification, {"check": "photo", "inputs": {}, "treshold": 90}, "treshold"),
        (
            CreateVerification,
            {"check": "photo", "inputs": {"image": {**INPUT, "sha256": "0" * 64}}},
            "inputs.image.sha256",
        ),
        (
            CreateVerification,
            {"check": "video", "inputs": {}, "challenge": {"type": "lip", "digits": "1234"}},
            "challenge.digits",
        ),
        (ResendDeliveries, {"since": "2026-01-01T00:00:00Z", "dryrun": True}, "dryrun"),
    ],
)
def test_a_misspelt_field_is_refused_at_every_depth(
    kind: type[object], body: dict[str, object], field: str
) -> None:
    """Else a client would believe that a condition of its own is kept."""
    with pytest.raises(InvalidRequest) as refusal:
        decode(json.dumps(body).encode(), kind)

    assert refusal.value.field == field
