"""`liveproof show ID`: everything that happened to one verification."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.domain import delivery_transitions, lifecycle
from liveproof.domain.audit import OPERATOR
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.verification import Attempt, Decision, DeliveryState, Verification
from liveproof.ports import Records
from tests.support.command_line import Liveproof
from tests.support.verifications import NOW, called, numbered, verdict

ID = f"ver_{7:026d}"


@pytest.fixture
def delivered(records: Records, named: Path) -> Verification:
    settlement = Settlement(
        CallOutcome.ANSWERED, "yes", "Success", "request-1", latency_ms=812, score=91.5
    )
    entry = lifecycle.call_settled(called(), NOW + 2_000, settlement, lease_until=NOW + 9_000)
    entry = lifecycle.decided(entry, verdict(Decision.PASSED, NOW + 2_500))
    attempt = Attempt(at=NOW + 63_000, latency_ms=40, status=200)
    entry = delivery_transitions.attempt_recorded(entry, attempt, DeliveryState.DELIVERED, None)
    return records.save(replace(entry, id=ID, version=0, reference="order-7"))


def test_a_person_reads_what_happened_and_when(
    liveproof: Liveproof, delivered: Verification
) -> None:
    done = liveproof("show", ID)
    assert (done.status, done.err) == (0, "")
    fields, inputs, events = done.out.split("\n\n")
    assert "decided" in fields
    assert "passed (because-passed)" in fields
    assert [line.split()[:2] for line in inputs.splitlines()[2:]] == [
        ["live_data", "proven"], ["image", "proven"]
    ]  # fmt: skip
    rows = [line.split(maxsplit=1) for line in events.splitlines()[2:]]
    assert [time for time, _ in rows] == sorted(time for time, _ in rows)
    text = [rest for _, rest in rows]
    assert "outcome answered, code Success, billed yes, score 91.5" in events
    assert "took 812 ms, request id request-1" in events
    assert text[-1].startswith("+1 min 0 s")
    assert text[-1].endswith("HTTP 200, took 40 ms")


def test_json_has_the_api_s_view_with_the_timeline(
    liveproof: Liveproof, delivered: Verification
) -> None:
    (shown,) = liveproof("show", ID, "--json").lines
    assert (shown["id"], shown["client"], shown["decision"]) == (ID, "shop", "passed")
    assert [event["what"] for event in shown["timeline"]] == [
        "created", "inputs_proven", "call_intended", "call_sent", "call_settled", "decided",
        "attempt",
    ]  # fmt: skip
    assert shown["due_at"] is None


def test_the_attempts_of_a_webhook_are_shown_with_the_endpoints_answers(
    liveproof: Liveproof, records: Records, named: Path
) -> None:
    entry = lifecycle.decided(numbered(9), verdict(Decision.PASSED, NOW + 2_500))
    fault = Attempt(at=NOW + 3_000, latency_ms=0, error="network_down")
    entry = delivery_transitions.delivery_fault_recorded(entry, fault, NOW + 13_000)
    busy = Attempt(at=NOW + 14_000, latency_ms=40, status=503, answer=r"busy\n")
    entry = delivery_transitions.attempt_recorded(entry, busy, DeliveryState.EXHAUSTED, None)
    entry = delivery_transitions.delivery_restarted(entry, NOW + 15_000, OPERATOR)
    taken = Attempt(at=NOW + 16_000, latency_ms=30, status=204)
    records.save(delivery_transitions.attempt_recorded(entry, taken, DeliveryState.DELIVERED, None))

    (shown,) = liveproof("show", numbered(9).id, "--json").lines
    assert [(event["what"], event["detail"]) for event in shown["timeline"][-3:]] == [
        (
            "uncounted_attempt",
            "delivery 1: network_down, took 0 ms, next at 2026-11-18T11:06:53.000Z",
        ),
        ("attempt", r'delivery 1, attempt 1: HTTP 503, took 40 ms, answer "busy\n"'),
        ("attempt", "delivery 2, attempt 1: HTTP 204, took 30 ms"),
    ]


def test_a_waiting_verification_says_for_what_and_until_when(
    liveproof: Liveproof, records: Records, named: Path
) -> None:
    records.save(numbered(8))
    out = liveproof("show", f"ver_{8:026d}").out
    assert "no call" in out
    assert "overdue" in out or ", in " in out


@pytest.mark.parametrize(
    ("name", "sentence"), [("ver_1", "no id"), (ID, "There is no verification")]
)
def test_an_unknown_id_is_a_clear_error(
    liveproof: Liveproof, named: Path, name: str, sentence: str
) -> None:
    done = liveproof("show", name)
    assert (done.status, done.out) == (1, "")
    assert sentence in done.err


# -- the audit chain --------------------------------------------------------------------------


@pytest.mark.usefixtures("named")
def test_audit_shows_every_entry_and_that_the_chain_is_whole(
    liveproof: Liveproof, records: Records
) -> None:
    entry = records.save(lifecycle.decided(numbered(9), verdict(Decision.PASSED, NOW)))

    shown = liveproof("show", entry.id, "--audit")

    assert shown.status == 0
    assert f"the chain is whole: 2 entries, head {entry.audit.head}" in shown.out
    lines = liveproof("show", entry.id, "--audit", "--json").lines
    assert [(line["number"], line["what"], line["by"]) for line in lines] == [
        (1, "chain_begun", "upgrade"),
        (2, "decided", "verify_upload"),
    ]
    assert lines[-1]["hash"] == entry.audit.head


@pytest.mark.usefixtures("named")
def test_audit_names_the_first_broken_entry_and_fails(
    liveproof: Liveproof, records: Records
) -> None:
    entry = lifecycle.decided(numbered(9), verdict(Decision.PASSED, NOW))
    changed = replace(entry.audit.entries[1], at=NOW + 1)
    broken = replace(entry.audit, entries=(entry.audit.entries[0], changed))
    records.save(replace(entry, audit=broken))

    shown = liveproof("show", entry.id, "--audit")

    assert shown.status == 1
    assert "2 BROKEN" in shown.out
    assert "is broken at entry 2: it was changed" in shown.err
    assert len(shown.err.splitlines()) == 1


@pytest.mark.usefixtures("named")
def test_audit_of_a_record_without_a_chain_says_so(liveproof: Liveproof, records: Records) -> None:
    entry = records.save(numbered(9))

    shown = liveproof("show", entry.id, "--audit")

    assert (shown.status, shown.err) == (0, "")
    assert "older than the audit chain" in shown.out
