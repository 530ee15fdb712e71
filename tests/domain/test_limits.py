"""What is counted of a day, and the digest of rejected files."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.lifecycle import call_settled
from liveproof.domain.limits import (
    DAY_MS,
    cost,
    counter_name,
    day_of,
    millionths,
    question_digest,
    rejected_digest,
    seconds_to_tomorrow,
)
from liveproof.domain.verification import Challenge, Decision
from tests.support.verifications import NOW, called, ready, verdict, verification

PRICES = {"Action": 0.1}


def test_a_day_begins_at_midnight_in_utc() -> None:
    midnight = NOW - NOW % DAY_MS
    assert day_of(midnight) == day_of(midnight + DAY_MS - 1) == day_of(midnight - 1) + 1
    assert seconds_to_tomorrow(midnight) == 86_400
    assert seconds_to_tomorrow(midnight + DAY_MS - 1) == 1


def test_counters_do_not_meet() -> None:
    names = [
        counter_name(day, *parts)
        for day in (1, 2)
        for parts in ((), ("shop",), ("shop", ""), ("shop", "ref"), ("shopref",), ("shop,ref",))
    ]
    assert len(set(names)) == len(names)
    assert all(len(name) == 64 for name in names)


def test_the_digest_is_of_the_question_and_keyed_by_the_reference() -> None:
    original = verification(reference="order-1")
    image = original.inputs["image"]
    others = [
        replace(original, reference="order-2"),
        replace(original, client="bank"),
        replace(original, check="video"),
        replace(original, threshold=60.0),
        replace(original, challenge=Challenge(type="lip", data="1234")),
        replace(original, inputs={**original.inputs, "image": replace(image, md5="1" * 32)}),
        replace(original, inputs={**original.inputs, "image": replace(image, size=2)}),
    ]
    digests = [question_digest(one) for one in (original, *others)]
    assert len(set(digests)) == len(digests)
    assert question_digest(replace(original, id="ver_1", created_at=1)) == digests[0]
    assert question_digest(verification()) is None


@pytest.mark.parametrize("decision", Decision)
def test_only_rejected_files_are_remembered(decision: Decision) -> None:
    entry = replace(verification(reference="order 7"), verdict=verdict(decision))

    expected = question_digest(entry) if decision is Decision.REJECTED else None
    assert rejected_digest(entry) == expected
    assert rejected_digest(replace(entry, verdict=None)) is None


@pytest.mark.parametrize(
    ("outcome", "billable", "expected"),
    [
        (CallOutcome.ANSWERED, "yes", 100_000),
        (CallOutcome.UNKNOWN, "unknown", 100_000),
        (CallOutcome.NOT_EXECUTED, "no", 0),
    ],
)
def test_a_call_costs_its_price_unless_it_was_surely_not_billed(
    outcome: CallOutcome, billable: str, expected: int
) -> None:
    settlement = Settlement(outcome, billable=billable)
    settled = call_settled(called(), NOW, settlement, lease_until=NOW)
    assert cost(settled, PRICES) == expected


@pytest.mark.parametrize(
    ("amount", "expected"), [(0.0, 0), (0.000001, 1), (0.29, 290_000), (1_000.0, 1_000_000_000)]
)
def test_money_is_counted_in_whole_millionths(amount: float, expected: int) -> None:
    """A limit that is counted in anything else stops the calls too early or too late."""
    assert millionths(amount) == expected


def test_a_call_that_is_on_its_way_costs_its_price() -> None:
    assert cost(ready(), PRICES) == 0
    assert cost(called(), PRICES) == 100_000
    assert cost(called(), {}) == 0
