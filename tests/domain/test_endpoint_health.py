"""The health of an endpoint, whatever happens in whichever order, twice or late."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveproof.domain.endpoint_health import (
    FIRST_PROBE_MS,
    LONGEST_PROBE_MS,
    Health,
    Outcome,
    Policy,
    Report,
    State,
    after_attempt,
    is_in_vain,
    probe_begun,
)
from liveproof.domain.endpoint_permits import (
    PERMIT_MS,
    Endpoint,
    Permit,
    Turn,
    give_back,
    limit,
    take_permit,
)

NOW = 1_795_000_000_000
HOUR_MS = 3_600_000
POLICY = Policy(in_flight=4, pause_after_ms=HOUR_MS, spacing_ms=100)
GONE = Report(Outcome.GONE, "410", 30)
ACCEPTED = Report(Outcome.ACCEPTED, "200", 30)

outcomes = st.sampled_from(Outcome)
waits = st.integers(min_value=0, max_value=2 * HOUR_MS)
histories = st.lists(st.tuples(waits, outcomes), max_size=40)


def health_after(history: Sequence[tuple[int, Outcome]], health: Health | None = None) -> Health:
    """After attempts that ended so long after one another."""
    now, after = NOW, health or Health()
    for wait, outcome in history:
        now += wait
        after = after_attempt(after, POLICY, Report(outcome), now)
    return after


@given(histories)
def test_whatever_came_before_an_accepted_attempt_makes_an_endpoint_well(
    history: list[tuple[int, Outcome]],
) -> None:
    after = health_after([*history, (0, Outcome.ACCEPTED)])

    assert after == Health(accepts=True)


@given(histories, histories)
def test_what_was_before_an_accepted_attempt_does_not_matter(
    before: list[tuple[int, Outcome]], history: list[tuple[int, Outcome]]
) -> None:
    shift = sum(wait for wait, _ in before)
    earlier = health_after([*before, (0, Outcome.ACCEPTED), *history])
    alone = health_after([(shift, Outcome.ACCEPTED), *history])

    assert earlier == alone


@given(histories)
def test_an_endpoint_is_paused_by_a_410_or_an_hour_of_failures_and_by_nothing_else(
    history: list[tuple[int, Outcome]],
) -> None:
    failed: list[int] = []
    now, paused = NOW, False
    for wait, outcome in history:
        now += wait
        if outcome is Outcome.ACCEPTED:
            failed, paused = [], False
        elif outcome is not Outcome.NOT_MADE:
            failed.append(now)
            hour = len(failed) > 1 and now - failed[0] >= HOUR_MS
            paused = paused or hour or outcome is Outcome.GONE
    after = health_after(history)

    assert (after.state is State.PAUSED) == paused
    assert after.failures == len(failed)
    assert after.failing_since == (failed[0] if failed else 0)


@given(histories, outcomes, st.integers(min_value=1, max_value=5))
def test_the_same_report_twice_leaves_the_state_of_one(
    history: list[tuple[int, Outcome]], outcome: Outcome, copies: int
) -> None:
    """Nothing pauses sooner because a report came twice, unless it would pause by itself."""
    once = health_after([*history, (0, outcome)])
    often = health_after([*history, *[(0, outcome)] * (1 + copies)])

    if not (outcome is Outcome.FAILED and _is_hour_old(once)):
        assert often.state is once.state
    assert often.paused_at in (once.paused_at, once.failed_at)


def _is_hour_old(health: Health) -> bool:
    return health.failed_at - health.failing_since >= HOUR_MS


@given(
    st.lists(st.tuples(outcomes, st.integers(0, 100)), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
def test_reports_at_one_moment_may_come_in_any_order_if_none_was_accepted(
    reports: list[tuple[Outcome, int]], order: object
) -> None:
    failures = [(0, outcome) for outcome, _ in reports if outcome is not Outcome.ACCEPTED]
    before = Health(failing_since=NOW - HOUR_MS // 2, failures=3)
    shuffled = failures[:]
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = health_after(failures, before), health_after(shuffled, before)
    assert (one.state, one.failures, one.gone) == (other.state, other.failures, other.gone)


@given(st.lists(st.tuples(waits, outcomes, st.booleans()), max_size=60))
def test_no_more_attempts_are_in_flight_than_there_may_be_and_one_probe_at_most(
    events: list[tuple[int, Outcome, bool]],
) -> None:
    """Of each event: how long after the last one a delivery asks, how the oldest attempt in flight
    ends before that (or not at all: its function dies), and whether the delivery had waited."""
    row, now = Endpoint(), NOW
    taken: list[Permit] = []
    for wait, outcome, waited in events:
        now += wait % 40_000
        if taken and outcome is not Outcome.NOT_MADE:
            row, _ = give_back(row, POLICY, taken.pop(0), Report(outcome), now)
        allowed = limit(row.health, POLICY)
        before = len(row.in_flight(now))
        row, result = take_permit(row, POLICY, "shop", now, waited=waited)
        if isinstance(result, Turn):
            assert result.at > now
            continue
        taken.append(result)
        assert result.is_probe == (row.health.paused_at > 0)
        if result.is_probe:
            probes = [result for result in taken if result.is_probe]
            assert sum(probe.taken_at > now - PERMIT_MS for probe in probes) == 1
            assert FIRST_PROBE_MS <= row.health.probe_at - now <= LONGEST_PROBE_MS
        else:
            assert before < allowed


def test_a_first_failure_pauses_nothing_whatever_the_policy() -> None:
    """An operator's command waits for no time to pass."""
    at_once = POLICY._replace(pause_after_ms=0)
    failed = Report(Outcome.FAILED, "502")
    first = after_attempt(Health(), at_once, failed, NOW)

    assert not first.paused_at
    assert after_attempt(first, at_once, failed, NOW).paused_at == NOW


def test_the_times_between_probes_double_from_a_minute_to_a_quarter_of_an_hour() -> None:
    """A message of SQS can be delayed for no longer."""
    health = health_after([(0, Outcome.GONE)])
    waits = [health.probe_at - NOW]
    for _ in range(12):
        health = probe_begun(health, NOW)
        waits.append(health.probe_at - NOW)

    assert waits == [60_000, 120_000, 240_000, 480_000] + [900_000] * 9


@pytest.mark.parametrize(("after_ms", "in_vain"), [(-1, False), (0, True)])
def test_a_pause_of_two_weeks_is_in_vain(after_ms: int, in_vain: bool) -> None:
    paused = Health(paused_at=NOW)

    assert is_in_vain(paused, NOW + 14 * 24 * HOUR_MS + after_ms) == in_vain


@pytest.mark.parametrize("outage_minutes", [0, 3, 30, 400])
@pytest.mark.parametrize("every_seconds", [7, 61])
def test_deliveries_that_waited_are_sent_in_the_order_of_their_age_at_a_bounded_rate(
    outage_minutes: int, every_seconds: int
) -> None:
    """A delivery is decided every few seconds. The first one pauses the endpoint."""
    row = Endpoint()
    back_at = NOW + outage_minutes * 60_000
    seconds = range(0, outage_minutes * 60 + 1_200, every_seconds)
    decided = [NOW + 1_000 * second for second in seconds]
    coming = [(at, number, False) for number, at in enumerate(decided)]
    heapq.heapify(coming)
    sent: list[tuple[int, int]] = []
    probed: list[int] = []
    resumed_at = 0
    while coming:
        now, number, waited = heapq.heappop(coming)
        row, result = take_permit(row, POLICY, "shop", now, waited=waited)
        if isinstance(result, Turn):
            heapq.heappush(coming, (result.at, number, True))
            continue
        report = ACCEPTED if now >= max(back_at, NOW + 1) else GONE
        row, change = give_back(row, POLICY, result, report, now)
        if report is ACCEPTED:
            sent.append((now, number))
            resumed_at = resumed_at or now
        elif change.turn is not None:
            heapq.heappush(coming, (change.turn, number, True))
        else:
            probed.append(number)
            heapq.heappush(coming, (now, number, False))

    waited_for = [number for _, number in sent if decided[number] < resumed_at]
    in_order = [number for number in waited_for if number not in probed]
    assert in_order == sorted(in_order), "in the order of age, but for the probes"
    assert len(set(probed)) < max(2, len(decided) / 4)
    assert sorted(number for _, number in sent) == list(range(len(decided))), "each once"
    at = [now for now, number in sent if decided[number] < resumed_at][1:]
    assert all(later - earlier >= POLICY.spacing_ms for earlier, later in itertools.pairwise(at))


def test_a_message_that_is_never_accepted_does_not_keep_the_endpoint_paused() -> None:
    """Ten deliveries wait, and the endpoint accepts only the youngest."""
    row = Endpoint()
    coming = [(NOW + number, number, False) for number in range(10)]
    now = NOW
    for _ in range(200):
        now, number, waited = heapq.heappop(coming)
        row, result = take_permit(row, POLICY, "shop", now, waited=waited)
        if isinstance(result, Turn):
            heapq.heappush(coming, (result.at, number, True))
            continue
        row, change = give_back(row, POLICY, result, ACCEPTED if number == 9 else GONE, now)
        if number == 9:
            break
        heapq.heappush(coming, (change.turn or now, number, change.turn is not None))

    assert row.health.state is State.WELL
    assert now - NOW < 10 * (LONGEST_PROBE_MS + 60_000), "each was the probe once"
