"""How long the texts of a client's requests may be, and how large their numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Struct

from liveproof.api.request_bodies import decode
from liveproof.domain.requests import (
    CreateReflectSequence,
    CreateVerification,
    ResendDeliveries,
)
from liveproof.use_cases.errors import InvalidRequest

PHOTO: dict[str, Any] = {"check": "photo", "inputs": {}}
IMAGE = {"md5": "0" * 32, "size": 1, "content_type": "image/jpeg"}
WITH_IMAGE = {"check": "photo", "inputs": {"image": IMAGE}}


@pytest.mark.parametrize(
    ("kind", "body", "field", "most"),
    [
        (CreateVerification, {"inputs": {}}, "check", 40),
        (CreateVerification, PHOTO, "reference", 200),
        (CreateVerification, PHOTO, "consent_reference", 200),
        (CreateVerification, WITH_IMAGE, "inputs.image.content_type", 100),
        (
            CreateVerification,
            {"check": "video", "inputs": {}, "challenge": {"type": "lip"}},
            "challenge.data",
            20,
        ),
        (ResendDeliveries, {"since": "2026-11-27T00:00:00Z"}, "cursor", 60),
        (CreateReflectSequence, {}, "device_data", 60_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_text_may_be_as_long_as_its_limit_and_no_longer(
    kind: type[Struct], body: dict[str, Any], field: str, most: int
) -> None:
    decode(with_value(body, field, "x" * most), kind)
    with pytest.raises(InvalidRequest) as refused:
        decode(with_value(body, field, "x" * (most + 1)), kind)

    assert refused.value.field == field
    assert str(most) in refused.value.detail


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (CreateVerification, {"inputs": {}}, "check"),
        (CreateVerification, PHOTO, "consent_reference"),
        (CreateVerification, WITH_IMAGE, "inputs.image.content_type"),
        (CreateReflectSequence, {}, "device_data"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_text_that_is_meant_to_say_something_is_not_empty(
    kind: type[Struct], body: dict[str, Any], field: str
) -> None:
    decode(with_value(body, field, "x"), kind)
    with pytest.raises(InvalidRequest) as refused:
        decode(with_value(body, field, ""), kind)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("kind", "body", "field", "taken", "refused"),
    [
        (CreateVerification, PHOTO, "threshold", (0, 100), (-0.01, 100.01)),
        (CreateVerification, PHOTO, "expires_in", (30, 86_400), (29, 86_401)),
        (CreateVerification, WITH_IMAGE, "inputs.image.size", (1,), (0,)),
        (
            CreateReflectSequence,
            {"device_data": "x"},
            "security_level",
            (1, 4),
            (0, 5),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_number_is_within_its_limits(
    kind: type[Struct],
    body: dict[str, Any],
    field: str,
    taken: tuple[float, ...],
    refused: tuple[float, ...],
) -> None:
    for value in taken:
        decode(with_value(body, field, value), kind)
    for value in refused:
        with pytest.raises(InvalidRequest) as refusal:
            decode(with_value(body, field, value), kind)
        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (CreateVerification, PHOTO, "colour"),
        (CreateVerification, WITH_IMAGE, "inputs.image.colour"),
        (CreateVerification, {**PHOTO, "challenge": {"type": "silent"}}, "challenge.colour"),
        (ResendDeliveries, {"since": "2026-11-27T00:00:00Z"}, "colour"),
        (CreateReflectSequence, {"device_data": "x"}, "colour"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_that_a_request_does_not_have_is_refused(
    kind: type[Struct], body: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        decode(with_value(body, field, "red"), kind)

    assert refused.value.field == field


def test_what_a_request_leaves_out_has_the_documented_value() -> None:
    created = decode(json.dumps(PHOTO).encode(), CreateVerification)
    assert (created.expires_in, created.threshold, created.metadata) == (900, None, {})
    resent = decode(b'{"since": "2026-11-27T00:00:00Z"}', ResendDeliveries)
    assert (resent.state, resent.dry_run, resent.decision) == ("exhausted", True, None)
    assert decode(b'{"device_data": "x"}', CreateReflectSequence).security_level == 4


def with_value(body: dict[str, Any], field: str, value: object) -> bytes:
    """The request with this value of a field."""
    whole = json.loads(json.dumps(body))
    *parents, name = field.split(".")
    part = whole
    for parent in parents:
        part = part[parent]
    part[name] = value
    return json.dumps(whole).encode()
