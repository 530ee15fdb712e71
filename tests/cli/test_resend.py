"""`liveproof resend --since`: webhooks of a period, listed first."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.domain import delivery_transitions, lifecycle
from liveproof.domain.audit import interventions
from liveproof.domain.ids import new_verification_id
from liveproof.domain.verification import Attempt, Decision, DeliveryState
from liveproof.ports import Conflict, Records
from liveproof_cli.commands import resend
from liveproof_cli.operations import Operations
from tests.support.command_line import Liveproof
from tests.support.verifications import NOW, verdict, verification

WHY = ("--why", "the endpoint was down")
SINCE = ("--since", "2026-11-18")


@pytest.fixture(autouse=True)
def ids(records: Records, named: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two were exhausted, the second of another client; a third was delivered. The oldest first."""
    monkeypatch.setattr(resend, "_SECONDS_BETWEEN", 0)
    made = []
    for number, (client, state, decision) in enumerate(
        [
            ("shop", DeliveryState.EXHAUSTED, Decision.PASSED),
            ("bank", DeliveryState.EXHAUSTED, Decision.REJECTED),
            ("shop", DeliveryState.DELIVERED, Decision.PASSED),
        ]
    ):
        created_at = NOW + number * 60_000
        entry = verification(
            id=new_verification_id(created_at), client=client, created_at=created_at
        )
        entry = lifecycle.decided(entry, verdict(decision))
        attempt = Attempt(at=NOW, latency_ms=5, status=500)
        entry = delivery_transitions.attempt_recorded(entry, attempt, state, None)
        made.append(records.save(replace(entry, version=0)).id)
    return made


def resent(records: Records, ids: list[str]) -> list[int]:
    """The numbers in `ids` of those whose delivery began again."""
    loaded = [records.load(id) for id in ids]
    deliveries = [entry.delivery if entry else None for entry in loaded]
    return [
        number for number, delivery in enumerate(deliveries) if delivery and delivery.number == 2
    ]


def test_a_range_is_listed_and_nothing_is_sent(
    liveproof: Liveproof, records: Records, ids: list[str]
) -> None:
    done = liveproof("resend", *SINCE, *WHY)

    assert done.status == 0
    assert done.out.splitlines() == [
        f"{ids[1]} of bank, created 2026-11-18T11:07:40.000Z",
        f"{ids[0]} of shop, created 2026-11-18T11:06:40.000Z",
    ]
    assert "2 would be sent again" in done.err
    assert resent(records, ids) == []
    assert [line["sent"] for line in liveproof("resend", *SINCE, *WHY, "--json").lines] == [
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], [0, 1]),
        (["--client", "shop"], [0]),
        (["--state", "delivered"], [2]),
        (["--decision", "rejected"], [1]),
        (["--since", "2026-11-18T11:07:00Z"], [1]),
        (["--until", "2026-11-18T11:07:00Z"], [0]),
        (["--client", "inn"], []),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_a_range_is_sent_when_asked_for(
    liveproof: Liveproof, records: Records, ids: list[str], options: list[str], numbers: list[int]
) -> None:
    done = liveproof("resend", *SINCE, *options, "--send", *WHY)

    assert done.status == 0
    assert f"{len(numbers)} are sent again" in done.err
    assert resent(records, ids) == numbers
    for number in numbers:
        entry = records.load(ids[number])
        assert entry is not None
        assert [one.why for one in interventions(entry)] == ["the endpoint was down"]


def test_a_verification_that_changes_meanwhile_is_skipped_and_reported(
    liveproof: Liveproof, records: Records, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send_again = Operations.resend

    def with_a_conflict(operations: Operations, id: str) -> object:
        if id == ids[1]:
            raise Conflict(id)
        return send_again(operations, id)

    monkeypatch.setattr(Operations, "resend", with_a_conflict)
    done = liveproof("resend", *SINCE, "--send", *WHY)

    assert done.status == 1
    assert "1 are sent again" in done.err
    assert "1 could not be done" in done.err
    assert resent(records, ids) == [0]
