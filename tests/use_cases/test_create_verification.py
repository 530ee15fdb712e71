"""Creating a verification: what the check needs is known before anything is uploaded."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from liveproof.api.request_bodies import decode
from liveproof.domain.requests import CreateVerification
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.ports import PresignedUpload
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    InvalidState,
    NotFound,
)
from tests.support.deployment import CLIENT, IMAGE, Deployment, declared, md5_of

PLAIN = ApiClient(("0" * 64,))


def document(**changes: Any) -> dict[str, Any]:
    inputs = {name: msgspec.to_builtins(entry) for name, entry in declared().items()}
    return {"check": "reflect", "inputs": inputs, **changes}


def create(
    deployment: Deployment,
    body: dict[str, Any],
    key: str | None = None,
    *,
    client: ApiClient = PLAIN,
    name: str = CLIENT,
) -> tuple[Verification, dict[str, PresignedUpload]]:
    request = decode(json.dumps(body).encode(), CreateVerification)
    return create_verification(deployment.dependencies, name, client, request, key)


def test_a_new_verification_awaits_its_uploads_until_it_expires(deployment: Deployment) -> None:
    now = deployment.clock.now()
    made, uploads = create(deployment, document(reference="order-7", metadata={"a": "b"}))

    stored = deployment.load(made.id)
    assert stored == made
    assert made.status is Status.AWAITING_UPLOAD
    assert (made.expires_at, made.due_at) == (now + 900_000, now + 900_000)
    assert (made.client, made.region, made.threshold) == (CLIENT, "ap-singapore", 70)
    assert (made.reference, made.metadata) == ("order-7", {"a": "b"})
    assert set(uploads) == {"live_data", "image"}


def test_every_upload_is_bound_to_the_declared_bytes(deployment: Deployment) -> None:
    made, uploads = create(deployment, document())

    image = uploads["image"]
    assert image.method == "PUT"
    assert image.headers["Content-Length"] == str(len(IMAGE))
    assert image.headers["Content-Type"] == "image/jpeg"
    assert image.headers["If-None-Match"] == "*"
    assert made.inputs["image"].keys[0].startswith(f"uploads/{made.id}/image/")
    assert image.expires_at == made.expires_at


def test_an_md5_in_capitals_means_the_same(deployment: Deployment) -> None:
    body = document()
    body["inputs"]["image"]["md5"] = md5_of(IMAGE).upper()

    made, _ = create(deployment, body)

    assert made.inputs["image"].md5 == md5_of(IMAGE)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good request with one thing changed; `...` removes it."""
    body: dict[str, Any] = document()
    at = body
    *way, last = path.split(".")
    for name in way:
        at = at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return body


MANY = {f"key-{number}": "x" * 40 for number in range(60)}


@pytest.mark.parametrize(
    ("path", "value", "field", "limit"),
    [
        ("check", ..., "check", "missing"),
        ("check", "", "check", "1"),
        ("check", "palm", "check", "reflect"),
        ("check", 7, "check", "str"),
        ("inputs", ..., "inputs", "missing"),
        ("inputs", [], "inputs", "object"),
        ("inputs.image", ..., "inputs.image", "live_data and image"),
        ("inputs.selfie", {"md5": "0" * 32, "size": 1, "content_type": "a/b"}, "inputs.selfie", ""),
        ("inputs.image.md5", ..., "inputs.image.md5", "missing"),
        ("inputs.image.md5", "0" * 31, "inputs.image.md5", "32"),
        ("inputs.image.md5", "0" * 32 + "\n", "inputs.image.md5", "32"),
        ("inputs.live_data.md5", "x" * 32, "inputs.live_data.md5", "32"),
        ("inputs.image.size", 0, "inputs.image.size", "1"),
        ("inputs.image.size", 1.5, "inputs.image.size", "int"),
        ("inputs.image.size", 5 * 1024 * 1024 + 1, "inputs.image.size", "5242880"),
        ("inputs.live_data.size", 20 * 1024 * 1024 + 1, "inputs.live_data.size", "20971520"),
        ("inputs.image.content_type", "image/gif", "inputs.image.content_type", "image/png"),
        ("inputs.image.content_type", "", "inputs.image.content_type", "1"),
        ("inputs.image.sha256", "0", "inputs.image.sha256", "no such"),
        ("reference", "x" * 201, "reference", "200"),
        ("metadata", {"a": 1}, "metadata.a", "str"),
        ("metadata", MANY, "metadata", "2048"),
        ("metadata", {"emoji": "\U0001f600" * 200}, "metadata", "2048"),
        ("threshold", -0.1, "threshold", "0"),
        ("threshold", 100.1, "threshold", "100"),
        ("threshold", "70", "threshold", "float"),
        ("expires_in", 29, "expires_in", "30"),
        ("expires_in", 86_401, "expires_in", "86400"),
        ("colour", "red", "colour", "no such"),
    ],
)
def test_a_refused_request_names_the_field_and_its_limit(
    deployment: Deployment, path: str, value: Any, field: str, limit: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        create(deployment, changed(path, value))

    assert refused.value.field == field
    assert limit in refused.value.detail
    assert deployment.records.all() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"[" * 50_000,
        b'{"inputs":{"a":{"size":0}},"x":' + b"[" * 50_000,
        b'{"check": "\xff"}',
        b'{"check": "\\ud800", "inputs": {}}',
    ],
    ids=["none", "cut", "list", "number", "null", "deep", "deeper", "not utf-8", "surrogate"],
)
def test_a_body_that_is_not_such_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        decode(body, CreateVerification)


def test_the_limits_themselves_are_accepted(deployment: Deployment) -> None:
    body = document(reference="x" * 200, threshold=100, expires_in=86_400)
    body["inputs"]["image"]["size"] = 5 * 1024 * 1024

    made, _ = create(deployment, body)

    assert made.threshold == 100
    assert made.expires_at - made.created_at == 86_400_000


def test_a_threshold_comes_from_the_request_then_the_client_then_the_vendor(
    deployment: Deployment,
) -> None:
    strict = ApiClient(("0" * 64,), {"reflect": 85.0})

    assert create(deployment, document(threshold=60), client=strict)[0].threshold == 60
    assert create(deployment, document(threshold=0), client=strict)[0].threshold == 0
    assert create(deployment, document(), client=strict)[0].threshold == 85
    assert create(deployment, document())[0].threshold == 70


def test_a_threshold_below_the_operators_floor_is_refused_and_stores_nothing(
    deployment: Deployment,
) -> None:
    held = ApiClient(("0" * 64,), threshold_floors={"reflect": 80.5, "photo": 99})

    assert create(deployment, document(), client=held)[0].threshold == 80.5
    assert create(deployment, document(threshold=80.5), client=held)[0].threshold == 80.5
    with pytest.raises(InvalidRequest, match=r"at least 80\.5, the operator's limit") as refused:
        create(deployment, document(threshold=80), client=held)
    assert refused.value.field == "threshold"
    assert len(deployment.records.all()) == 2


# -- idempotency ------------------------------------------------------------------------------


def test_the_same_key_and_request_lead_to_the_same_verification(deployment: Deployment) -> None:
    first, _ = create(deployment, document(metadata={"a": "1", "b": "2"}), "key")
    deployment.clock.advance(5_000)
    second, uploads = create(deployment, document(metadata={"b": "2", "a": "1"}), "key")

    assert second == first
    assert len(deployment.records.all()) == 1
    assert set(uploads) == {"live_data", "image"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("reference", "other"),
        ("metadata", {"a": "2"}),
        ("threshold", 71),
        ("expires_in", 60),
        ("inputs.image.md5", "0" * 32),
        ("inputs.image.size", 7),
        ("inputs.image.content_type", "image/png"),
    ],
)
def test_the_same_key_with_another_request_is_refused(
    deployment: Deployment, path: str, value: Any
) -> None:
    create(deployment, document(), "key")

    with pytest.raises(IdempotencyKeyReused):
        create(deployment, changed(path, value), "key")
    assert len(deployment.records.all()) == 1


def test_two_clients_may_use_the_same_key(deployment: Deployment) -> None:
    first, _ = create(deployment, document(), "key")
    second, _ = create(deployment, document(), "key", name="other")

    assert first.id != second.id


def test_a_key_is_free_again_after_a_day(deployment: Deployment) -> None:
    first, _ = create(deployment, document(), "key")
    deployment.clock.advance(86_399_999)
    with pytest.raises(IdempotencyKeyReused):
        create(deployment, document(reference="other"), "key")
    deployment.clock.advance(1)
    second, _ = create(deployment, document(reference="other"), "key")

    assert first.id != second.id


def test_a_key_that_is_in_use_at_this_moment_says_so(deployment: Deployment) -> None:
    deployment.records.conflicts_to_come = 1

    with pytest.raises(InvalidState, match="is being served") as refused:
        create(deployment, document(), "key")
    assert refused.value.field == "Idempotency-Key"


def test_a_key_whose_verification_was_deleted_says_so(deployment: Deployment) -> None:
    made, _ = create(deployment, document(), "key")
    del deployment.records.stored[made.id]

    with pytest.raises(NotFound, match="gone"):
        create(deployment, document(), "key")


def test_a_repeated_request_signs_nothing_once_the_uploads_are_no_longer_awaited(
    deployment: Deployment,
) -> None:
    made, _ = create(deployment, document(), "key")
    deployment.clock.time = made.expires_at
    late, uploads_late = create(deployment, document(), "key")
    deployment.settle()
    decided, uploads_decided = create(deployment, document(), "key")

    assert late.status is Status.AWAITING_UPLOAD
    assert decided.status is Status.DECIDED
    assert uploads_late == uploads_decided == {}


def test_a_proven_input_gets_no_new_url(deployment: Deployment) -> None:
    made, _ = create(deployment, document(), "key")
    deployment.upload(made, "image")
    _, uploads = create(deployment, document(), "key")

    assert set(uploads) == {"live_data"}


def test_urls_end_after_a_quarter_of_an_hour_or_with_the_verification(
    deployment: Deployment,
) -> None:
    now = deployment.clock.now()
    _, short = create(deployment, document(expires_in=60))
    _, long = create(deployment, document(expires_in=86_400))

    assert short["image"].expires_at == now + 60_000
    assert long["image"].expires_at == now + 900_000
