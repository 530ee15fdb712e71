"""What every Endpoints adapter promises, as tests. A test module subclasses it with a fixture.

class TestMine(EndpointsContract):
    @pytest.fixture
    def endpoints(self) -> Endpoints: ...  # with POLICY

    @pytest.fixture
    def other(self) -> Endpoints:  # the same store, as another function has it
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from liveproof.domain.endpoint_health import (
    FIRST_PROBE_MS,
    LONGEST_PAUSE_MS,
    Change,
    Outcome,
    Policy,
    Report,
    State,
)
from liveproof.domain.endpoint_permits import OUTCOME_MS, PERMIT_MS, Permit, Turn
from liveproof.endpoints import Endpoints

NOW = 1_795_000_000_000
HOUR_MS = 3_600_000
POLICY = Policy(in_flight=3, pause_after_ms=HOUR_MS, spacing_ms=100)
CLIENT = "shop's größte #1"

ACCEPTED = Report(Outcome.ACCEPTED, "204", 50)
FAILED = Report(Outcome.FAILED, "timed_out", 15_000)
GONE = Report(Outcome.GONE, "410", 20)
NOT_MADE = Report(Outcome.NOT_MADE)


def permit(endpoints: Endpoints, now: int = NOW, client: str = CLIENT) -> Permit:
    """A permit, which there must be, for a delivery that has waited."""
    taken = endpoints.take_permit(client, now, waited=True)
    assert isinstance(taken, Permit), taken
    return taken


def turn(endpoints: Endpoints, now: int = NOW, *, waited: bool = False) -> Turn:
    """A turn, because there must be no permit."""
    taken = endpoints.take_permit(CLIENT, now, waited=waited)
    assert isinstance(taken, Turn), taken
    return taken


def attempt(endpoints: Endpoints, report: Report, now: int = NOW) -> Change:
    """One whole attempt."""
    return endpoints.give_back(permit(endpoints, now), report, now)


def pause(endpoints: Endpoints) -> Change:
    """Failures for an hour. The endpoint is paused since NOW."""
    attempt(endpoints, FAILED, NOW - HOUR_MS)
    return attempt(endpoints, FAILED, NOW)


class EndpointsContract:
    """The tests."""

    def test_an_endpoint_nobody_has_heard_of_is_unproven(self, endpoints: Endpoints) -> None:
        assert endpoints.load(CLIENT).health.state is State.UNPROVEN

    def test_an_unproven_endpoint_gets_one_attempt_at_a_time(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        first = permit(endpoints)
        assert not first.is_probe
        assert not turn(other, NOW + 1).paused

        assert endpoints.give_back(first, ACCEPTED, NOW + 2) == Change()
        assert other.load(CLIENT).health.state is State.WELL

    def test_an_endpoint_that_is_well_gets_as_many_at_once_as_the_setting_says(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        attempt(endpoints, ACCEPTED)
        taken = [permit(endpoints), permit(other), permit(endpoints)]

        assert len({result.number for result in taken}) == 3
        assert not turn(endpoints).paused
        other.give_back(taken[0], ACCEPTED, NOW)
        assert permit(other).number == taken[0].number
        assert len(endpoints.load(CLIENT).in_flight(NOW)) == 3

    def test_endpoints_do_not_meet(self, endpoints: Endpoints) -> None:
        permit(endpoints)

        assert permit(endpoints, client="another").number == 0

    def test_threads_get_no_more_permits_than_there_are(self, endpoints: Endpoints) -> None:
        attempt(endpoints, ACCEPTED)
        with ThreadPoolExecutor(8) as pool:
            taken = list(
                pool.map(lambda _: endpoints.take_permit(CLIENT, NOW, waited=False), range(16))
            )

        permits = [result for result in taken if isinstance(result, Permit)]
        turns = [result.at for result in taken if isinstance(result, Turn)]
        assert sorted(permit.number for permit in permits) == [0, 1, 2]
        assert sorted(turns) == [NOW + 1_000 + 100 * number for number in range(13)]

    def test_the_permit_of_a_dead_function_is_free_after_a_time(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        lost = permit(endpoints)
        turn(other, NOW + PERMIT_MS - 1)

        again = permit(other, NOW + PERMIT_MS)
        assert endpoints.give_back(lost, NOT_MADE, NOW + PERMIT_MS) == Change()
        assert len(endpoints.load(CLIENT).in_flight(NOW + PERMIT_MS)) == 1, "it is another's now"
        other.give_back(again, NOT_MADE, NOW + PERMIT_MS)
        assert endpoints.load(CLIENT).in_flight(NOW + PERMIT_MS) == []

    def test_a_report_that_comes_after_its_permit_ended_counts(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        late = permit(endpoints)
        permit(other, NOW + PERMIT_MS)
        endpoints.give_back(late, FAILED, NOW + PERMIT_MS)

        endpoint = other.load(CLIENT)
        assert endpoint.health.state is State.FAILING
        assert len(endpoint.in_flight(NOW + PERMIT_MS)) == 1

    def test_a_permit_that_is_given_back_twice_harms_nobody(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        first = permit(endpoints)
        endpoints.give_back(first, ACCEPTED, NOW)
        second = permit(other, NOW + 1)
        endpoints.give_back(first, ACCEPTED, NOW + 2)

        assert second.number == first.number
        assert len(other.load(CLIENT).in_flight(NOW + 2)) == 1

    def test_an_attempt_that_was_not_made_says_nothing(self, endpoints: Endpoints) -> None:
        for now in range(NOW, NOW + 3 * HOUR_MS, HOUR_MS):
            assert attempt(endpoints, NOT_MADE, now) == Change()

        assert endpoints.load(CLIENT).health.state is State.UNPROVEN

    def test_a_failure_leaves_one_attempt_at_a_time_until_one_is_accepted(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        attempt(endpoints, ACCEPTED)
        attempt(other, FAILED)
        only = permit(endpoints)
        turn(other)
        health = other.load(CLIENT).health
        assert (health.state, health.failures) == (State.FAILING, 1)
        assert (health.failed_at, health.failed_answer, health.failed_ms) == (
            NOW,
            "timed_out",
            15_000,
        )

        endpoints.give_back(only, ACCEPTED, NOW)
        assert [permit(other).number for _ in range(3)] == [0, 1, 2]
        assert other.load(CLIENT).health.failures == 0

    def test_attempts_that_are_in_flight_at_a_failure_count(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        attempt(endpoints, ACCEPTED)
        first, second = permit(endpoints), permit(other)
        endpoints.give_back(first, FAILED, NOW)
        turn(endpoints)

        other.give_back(second, FAILED, NOW)
        assert permit(endpoints).number == 0

    def test_turns_are_apart_by_what_an_attempt_takes(self, endpoints: Endpoints) -> None:
        attempt(endpoints, FAILED)
        permit(endpoints)

        at = [turn(endpoints, waited=True).at - NOW for _ in range(25)]
        assert at[:3] == [1_000, 16_000, 31_000]
        assert max(at) == 300_000, "and nobody waits for longer than five minutes"
        assert at == sorted(at)

    def test_nothing_but_failures_for_an_hour_pause_an_endpoint(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        began = NOW - HOUR_MS
        attempt(endpoints, ACCEPTED, began - 1)
        assert attempt(other, FAILED, began) == Change()
        assert attempt(endpoints, FAILED, NOW - 1) == Change()

        assert attempt(other, FAILED, NOW) == Change(paused=True, turn=NOW + FIRST_PROBE_MS)
        health = endpoints.load(CLIENT).health
        assert (health.state, health.paused_at) == (State.PAUSED, NOW)
        assert (health.failing_since, health.failures, health.gone) == (began, 3, False)

    def test_one_failure_is_no_hour_of_failures(self, endpoints: Endpoints) -> None:
        attempt(endpoints, FAILED, NOW)
        attempt(endpoints, ACCEPTED, NOW + 2 * HOUR_MS)
        attempt(endpoints, FAILED, NOW + 3 * HOUR_MS)

        assert endpoints.load(CLIENT).health.state is State.FAILING

    def test_a_410_pauses_at_once(self, endpoints: Endpoints) -> None:
        assert attempt(endpoints, GONE) == Change(paused=True, turn=NOW + FIRST_PROBE_MS)
        assert endpoints.load(CLIENT).health.gone

    def test_while_it_is_paused_one_probe_at_a_time_is_made(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        pause(endpoints)
        for store in (endpoints, other):
            assert turn(store, NOW + FIRST_PROBE_MS - 1).paused

        now = NOW + FIRST_PROBE_MS
        probe = permit(other, now)
        assert probe.is_probe
        for store in (endpoints, other):
            assert turn(store, now).paused
            turn(store, now + 2 * FIRST_PROBE_MS - 1)
        assert other.give_back(probe, FAILED, now + 15_000) == Change()
        assert permit(endpoints, now + 2 * FIRST_PROBE_MS).is_probe

    def test_functions_that_ask_at_once_share_one_probe(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        pause(endpoints)
        with ThreadPoolExecutor(4) as pool:
            taken = list(
                pool.map(
                    lambda store: store.take_permit(CLIENT, NOW + FIRST_PROBE_MS, waited=True),
                    (endpoints, other) * 4,
                )
            )

        assert sum(isinstance(result, Permit) for result in taken) == 1

    def test_probes_become_rarer_but_for_a_quarter_of_an_hour(self, endpoints: Endpoints) -> None:
        pause(endpoints)
        now, waits = NOW + FIRST_PROBE_MS, []
        for _ in range(7):
            endpoints.give_back(permit(endpoints, now), FAILED, now + 15_000)
            probe_at = endpoints.load(CLIENT).health.probe_at
            waits.append((probe_at - now) // 60_000)
            now = probe_at

        assert waits == [2, 4, 8, 15, 15, 15, 15]

    def test_a_probe_whose_function_died_is_followed_by_another(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        pause(endpoints)
        permit(endpoints, NOW + FIRST_PROBE_MS)

        assert permit(other, NOW + 3 * FIRST_PROBE_MS).is_probe

    def test_a_probe_that_is_accepted_ends_the_pause(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        pause(endpoints)
        now = NOW + FIRST_PROBE_MS
        probe = permit(endpoints, now)

        assert endpoints.give_back(probe, ACCEPTED, now) == Change(resumed=True)
        assert [permit(other, now).is_probe for _ in range(3)] == [False] * 3
        assert other.load(CLIENT).health.state is State.WELL

    def test_an_earlier_attempt_that_is_accepted_late_ends_the_pause_too(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        attempt(endpoints, ACCEPTED)
        late = permit(endpoints, NOW)
        attempt(other, GONE)

        assert endpoints.give_back(late, ACCEPTED, NOW + 9_000) == Change(resumed=True)

    def test_an_earlier_attempt_that_fails_late_changes_no_probe(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        attempt(endpoints, ACCEPTED)
        late = permit(endpoints, NOW)
        attempt(other, GONE)

        assert endpoints.give_back(late, FAILED, NOW + 9_000) == Change()
        assert endpoints.load(CLIENT).health.probe_at == NOW + FIRST_PROBE_MS

    def test_waiting_deliveries_follow_the_probe_in_the_order_of_the_first_round(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        pause(endpoints)
        first = NOW + FIRST_PROBE_MS
        waiting = [turn(store, NOW + 1).at for store in (endpoints, other, endpoints)]
        assert waiting == [first + OUTCOME_MS + 100 * number for number in range(3)]

        early = turn(other, first).at
        assert early == waiting[-1] + 100, "a delivery that has not waited is no probe"
        probe = permit(endpoints, first)
        new = turn(other, first + 5_000).at
        assert new == early + 100, "at the end of this round"
        endpoints.give_back(probe, FAILED, first + 15_000)
        failed = turn(endpoints, first + 15_000).at
        assert failed == new + 100, "a probe that failed goes to the end"
        second = [turn(other, at, waited=True).at for at in (*waiting, early, new, failed)]

        again = first + 2 * FIRST_PROBE_MS
        assert second == [again, *(again + OUTCOME_MS + 100 * number for number in range(5))]

    def test_a_delivery_that_has_not_waited_is_the_probe_when_the_one_whose_turn_it_was_is_late(
        self, endpoints: Endpoints
    ) -> None:
        pause(endpoints)
        due = NOW + FIRST_PROBE_MS
        turn(endpoints, due + OUTCOME_MS - 1)

        probe = endpoints.take_permit(CLIENT, due + OUTCOME_MS, waited=False)
        assert isinstance(probe, Permit)
        assert probe.is_probe

    def test_after_two_weeks_a_pause_is_in_vain(self, endpoints: Endpoints) -> None:
        pause(endpoints)
        end = NOW + LONGEST_PAUSE_MS
        assert not turn(endpoints, NOW + FIRST_PROBE_MS - 1).in_vain
        probe = permit(endpoints, end - 15_000)

        assert turn(endpoints, end).in_vain
        assert endpoints.give_back(probe, FAILED, end).in_vain

    def test_a_test_is_recorded_and_pauses_nothing(self, endpoints: Endpoints) -> None:
        endpoints.record_test(CLIENT, Report(Outcome.FAILED, "500"), NOW)
        endpoints.record_test(CLIENT, GONE, NOW + 1)

        health = endpoints.load(CLIENT).health
        assert health.state is State.UNPROVEN
        assert (health.tested_at, health.test_answer, health.proven_at) == (NOW + 1, "410", 0)

    def test_a_test_that_is_accepted_ends_a_pause_and_is_remembered(
        self, endpoints: Endpoints, other: Endpoints
    ) -> None:
        pause(endpoints)

        assert other.record_test(CLIENT, ACCEPTED, NOW + 5) == Change(resumed=True)
        attempt(endpoints, FAILED, NOW + 6)
        attempt(endpoints, ACCEPTED, NOW + 7)
        health = endpoints.load(CLIENT).health
        assert (health.state, health.proven_at) == (State.WELL, NOW + 5)
