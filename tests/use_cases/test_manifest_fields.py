"""What a manifest says of a verification in which every field is set, and of one that has few."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from liveproof import __version__
from liveproof.domain import lifecycle
from liveproof.domain.hash_chain import Chain
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision, Verification
from liveproof.evidence.manifest import build_manifest
from tests.domain.test_stored_record import T, with_every_field
from tests.support.deployment import settings
from tests.support.verifications import settled, verdict, verification

FULL = with_every_field()


def manifest(entry: Verification = FULL, **changes: Any) -> dict[str, Any]:
    """The manifest of the verification with these changes, signed ten seconds after its start."""
    return build_manifest(replace(entry, **changes), settings(), T + 10_000)


def test_it_names_the_decision_and_its_terms() -> None:
    built = manifest()

    assert built["format"] == "liveproof-evidence/1"
    assert built["decision"] == {
        "decision": "passed",
        "reason": "passed",
        "vendor_code": "Success",
        "scores": {"similarity": 96.3},
    }
    assert built["threshold"] == {"value": 70.5, "from": "client"}
    assert built["challenge"] == {"type": "lip", "data": "1234"}
    assert built["consent"] == "consent 7"
    assert built["software"] == f"liveproof {__version__}"


def test_it_names_each_file_with_its_proof() -> None:
    built = manifest()

    assert built["inputs"]["video"] == {
        "state": "proven",
        "reason": None,
        "key": "uploads/b",
        "version": "v7",
        "etag": "etag",
        "md5": "0" * 32,
        "sha256": "1" * 64,
        "size": 12,
        "content_type": "video/mp4",
        "format": "mp4",
    }
    assert (built["inputs"]["image"]["state"], built["inputs"]["image"]["reason"]) == (
        "refused",
        "wrong_format",
    )
    assert built["frames"] == [
        {
            "key": "evidence/a.jpg",
            "md5": "4" * 32,
            "sha256": "6" * 64,
            "size": 14,
            "content_type": "image/jpeg",
            "format": "jpeg",
        }
    ]
    assert built["frames_missing"] == "not_fetched"


def test_it_names_each_call_with_the_table_that_judged_it() -> None:
    settled_call, unknown, called, intended = manifest()["calls"]

    assert settled_call == {
        "number": 1,
        "action": "VideoLivenessCompare",
        "version": "2018-03-01",
        "region": "ap-singapore",
        "face_model": "3.0",
        "state": "settled",
        "outcome": "answered",
        "code": "Success",
        "request_id": "request-1",
        "score": 96.3,
        "billable": "yes",
        "latency_ms": 40,
        "code_table": {"name": "faceid", "date": "2026-11-01"},
        "intent_at": "2026-11-18T11:06:40.004Z",
        "called_at": "2026-11-18T11:06:40.005Z",
        "settled_at": "2026-11-18T11:06:40.006Z",
    }
    assert [call["outcome"] for call in (unknown, called, intended)] == [
        "unknown",
        "not_executed",
        None,
    ]
    assert (unknown["code_table"], unknown["called_at"], unknown["settled_at"]) == (None,) * 3


@pytest.mark.parametrize(
    "changes", [{"action": "ActionOfALaterVersion"}, {"codes_date": None}], ids=["action", "date"]
)
def test_a_call_that_no_table_judged_names_none(changes: dict[str, Any]) -> None:
    call = replace(FULL.calls[0], **changes)

    assert manifest(calls=(call,))["calls"][0]["code_table"] is None


def test_it_names_the_times_and_the_delivery() -> None:
    built = manifest()

    assert built["times"] == {
        "created_at": "2026-11-18T11:06:40.000Z",
        "ready_at": "2026-11-18T11:06:40.002Z",
        "decided_at": "2026-11-18T11:06:40.008Z",
        "signed_at": "2026-11-18T11:06:50.000Z",
    }
    assert built["delivery"] == {
        "number": 2,
        "state": "exhausted",
        "attempts": 3,
        "last_status": 500,
        "last_error": "timed_out",
        "last_at": "2026-11-18T11:06:40.009Z",
    }


def test_signals_stand_in_the_order_of_their_codes() -> None:
    signals = manifest(signals={"second_upload": 2, "late_upload": 1})["signals"]

    assert signals == [{"code": "late_upload", "count": 1}, {"code": "second_upload", "count": 2}]


def test_entries_of_the_audit_chain_that_were_folded_count() -> None:
    chain = Chain(head="5" * 64, entries=FULL.audit.entries[:1], folded=7)

    assert manifest(audit=chain)["audit"] == {"entries": 8, "head": "5" * 64}


def test_what_a_verification_does_not_have_is_null() -> None:
    decided = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
    built = manifest(decided, ready_at=None, audit=Chain())

    assert built["challenge"] is None
    assert (built["frames"], built["frames_missing"]) == ([], None)
    assert built["times"]["ready_at"] is None
    assert built["audit"] == {"entries": 0, "head": None}


def test_a_verification_without_a_decision_has_no_manifest() -> None:
    for entry in (verification(), settled(CallOutcome.ANSWERED)):
        with pytest.raises(ValueError, match="only a decided"):
            manifest(entry)
