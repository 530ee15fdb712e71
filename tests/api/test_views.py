"""What the API shows of a verification: exact bytes, from the first state to the last."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from liveproof.api.views import created_view, verification_view
from liveproof.domain import delivery_transitions, lifecycle
from liveproof.domain.evidence import Evidence, KeptFrame
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.states import Status
from liveproof.domain.verification import Attempt, Challenge, DeliveryState, Verification
from liveproof.ports import PresignedUpload
from liveproof.use_cases.conclude import verdict_of
from tests.support.verifications import NOW, called, verification

GOLDEN = Path(__file__).parent / "golden"


def plain() -> Verification:
    return replace(
        verification(metadata={"b": "2", "a": "1"}, reference="order-7"),
        id="ver_01kacb2c8gqz3m5n7p9r1t3v5x",
    )


def finished() -> Verification:
    entry = lifecycle.call_settled(
        called(),
        NOW + 5,
        Settlement(
            CallOutcome.ANSWERED,
            code="Success",
            request_id="request-1",
            latency_ms=812,
            billable="yes",
            score=96.25,
        ),
        lease_until=NOW + 9,
    )
    verdict = verdict_of("passed", NOW + 42, "Success", {"similarity": 96.25})
    entry = lifecycle.decided(entry, verdict)
    attempt = Attempt(at=NOW + 50, latency_ms=7, status=None, error="timed_out")
    entry = delivery_transitions.attempt_recorded(entry, attempt, DeliveryState.PENDING, NOW + 60)
    return replace(
        entry,
        id="ver_01kacb2c8gqz3m5n7p9r1t3v5x",
        challenge=Challenge(type="lip", data="1234"),
        evidence=Evidence(
            frames=(KeptFrame(key="evidence/x/best_frame.jpg", md5="1" * 32, size=9),),
            missing="not_fetched",
        ),
    )


@pytest.mark.parametrize(("name", "entry"), [("awaiting", plain()), ("decided", finished())])
def test_a_verification_is_shown_as_it_always_was(name: str, entry: Verification) -> None:
    shown = msgspec.json.encode(verification_view(entry))

    assert shown == (GOLDEN / f"{name}.json").read_bytes()


def test_nothing_of_a_decision_is_shown_before_it_is_taken() -> None:
    view = verification_view(plain())

    assert view.status == Status.AWAITING_UPLOAD.value
    assert (view.decision, view.reason, view.decided_at, view.sequence) == (None,) * 4
    assert (view.scores, view.calls, view.delivery, view.evidence) == ({}, [], None, None)


def test_an_input_shows_neither_its_keys_nor_its_proof() -> None:
    shown = msgspec.to_builtins(verification_view(finished()))["inputs"]["image"]

    assert set(shown) == {"state", "md5", "size", "content_type", "reason"}


def test_a_creation_shows_each_upload_with_its_own_expiry() -> None:
    upload = PresignedUpload("PUT", "https://bucket.example/key", {"Content-MD5": "x"}, NOW + 7)
    view = created_view(plain(), {"image": upload})

    assert view.status == "awaiting_upload"
    assert view.expires_at == "2026-11-18T11:21:40.000Z"
    assert view.uploads["image"].expires_at == "2026-11-18T11:06:40.007Z"
    assert view.uploads["image"].headers == {"Content-MD5": "x"}
