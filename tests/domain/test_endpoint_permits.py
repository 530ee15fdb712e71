"""The turns of deliveries that get no permit, where the contract of the stores does not look."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain.endpoint_health import Change, Health, Outcome, Policy, Report
from liveproof.domain.endpoint_permits import (
    OUTCOME_MS,
    Endpoint,
    Permit,
    Turn,
    free_permit,
    record_test,
    take_permit,
)

NOW = 1_795_000_000_000
POLICY = Policy(in_flight=4, pause_after_ms=3_600_000, spacing_ms=100)
WELL = Health(accepts=True)


def paused(turn: int = 0, next_turn: int = 0) -> Endpoint:
    """Paused a minute ago; its probe is due now."""
    health = Health(failing_since=NOW - 60_000, failures=9, paused_at=NOW - 60_000, probe_at=NOW)
    return Endpoint(health=health, turn=turn, next_turn=next_turn)


def turn_of_new(endpoint: Endpoint, now: int) -> tuple[Endpoint, Turn]:
    """The turn of a delivery that has not waited yet."""
    after, taken = take_permit(endpoint, POLICY, "shop", now, waited=False)
    assert isinstance(taken, Turn)
    return after, taken


def test_who_comes_while_the_probe_is_overdue_waits_for_the_outcome_of_one_begun_now() -> None:
    """Else the delivery would ask while that probe is in flight, and lose its place to younger
    ones."""
    endpoint = paused(next_turn=NOW + OUTCOME_MS)

    endpoint, first = turn_of_new(endpoint, NOW + 5_000)
    _, second = turn_of_new(endpoint, NOW + 5_000)

    assert first.at == NOW + 5_000 + OUTCOME_MS
    assert second.at == first.at + POLICY.spacing_ms


def test_who_comes_after_the_round_is_over_is_the_next_probe_and_others_wait_for_its_outcome() -> (
    None
):
    """The end of a round that is over is no turn: it would be in the past."""
    endpoint, probe = turn_of_new(paused(turn=NOW - 1), NOW + 5_000)
    _, next_one = turn_of_new(endpoint, NOW + 5_000)

    assert probe.at == NOW + 6_000
    assert next_one.at == probe.at + OUTCOME_MS


@pytest.mark.parametrize(("now", "is_probe"), [(NOW - 1, False), (NOW, True)])
def test_whose_turn_it_is_probes_at_the_time_of_the_probe_and_not_before(
    now: int, is_probe: bool
) -> None:
    _, taken = take_permit(paused(), POLICY, "shop", now, waited=True)

    assert isinstance(taken, Permit) == is_probe


def test_who_gets_no_permit_after_a_pause_queues_behind_those_who_waited_for_its_end() -> None:
    busy = Endpoint(health=WELL, permits=dict.fromkeys(range(4), NOW), turn=NOW + 5_000)

    after, turn = turn_of_new(busy, NOW)

    assert turn.at == NOW + 5_000
    assert after == replace(busy, turn=turn.at + POLICY.spacing_ms)


def test_the_latest_turn_is_one_after_which_others_queue() -> None:
    latest = NOW + 5 * 60_000
    busy = Endpoint(health=WELL, permits=dict.fromkeys(range(4), NOW), turn=latest)

    after, turn = turn_of_new(busy, NOW)
    again, following = turn_of_new(after, NOW)

    assert turn.at == following.at == latest
    assert after.turn == again.turn == latest + POLICY.spacing_ms


def test_attempts_in_flight_keep_a_failing_endpoint_from_another_whatever_their_numbers() -> None:
    failing = Endpoint(health=Health(failing_since=NOW, failures=1), permits={1: NOW, 2: NOW})

    assert free_permit(failing, POLICY, NOW) is None


@pytest.mark.parametrize(("preferred", "number"), [(2, 2), (1, 0), (3, 3), (4, 0), (9, 0)])
def test_a_preferred_number_is_taken_if_there_is_such_a_permit_and_it_is_free(
    preferred: int, number: int
) -> None:
    endpoint = Endpoint(health=WELL, permits={1: NOW})

    assert free_permit(endpoint, POLICY, NOW, preferred) == number


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.FAILED])
def test_a_test_of_an_endpoint_that_is_not_paused_resumes_nothing(outcome: Outcome) -> None:
    """Else the log would say that a pause is over which never was."""
    failing = Endpoint(health=Health(failing_since=NOW - 1, failures=1))

    _, change = record_test(failing, Report(outcome, "200"), NOW)

    assert change == Change()


def test_a_test_that_fails_leaves_a_paused_endpoint_paused() -> None:
    after, change = record_test(paused(), Report(Outcome.FAILED, "500"), NOW)

    assert change == Change()
    assert after.health.paused_at == NOW - 60_000
