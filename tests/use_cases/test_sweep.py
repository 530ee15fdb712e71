"""The sweep asks for exactly what is due, and changes nothing but what was kept long enough."""

from __future__ import annotations

import itertools
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from liveproof import observability
from liveproof.domain.states import STATES, Status, Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event, Metric
from liveproof.ports import Window
from liveproof.use_cases.sweep import (
    GRACE_MS,
    LIMIT,
    LONGEST_BACKOFF_MS,
    sweep,
)
from tests.support.deployment import Deployment
from tests.support.verifications import verification

HOUR_MS = 3_600_000


def test_each_request_names_its_check_and_client(deployment: Deployment) -> None:
    entry = verification(due_at=deployment.clock.now() - HOUR_MS, check="photo", client="bank")
    deployment.records.save(entry)

    sweep(deployment.dependencies, deployment.clock.now() + 50_000)

    (requests,) = deployment.steps.requests
    assert (requests.check, requests.client) == ("photo", "bank")


@settings(max_examples=40, deadline=None)
@given(
    entries=st.lists(
        st.tuples(
            st.sampled_from(Status),
            st.one_of(st.none(), st.integers(min_value=-HOUR_MS, max_value=HOUR_MS)),
        ),
        max_size=12,
    )
)
def test_it_asks_for_the_step_of_everything_that_is_due_longer_than_the_grace(
    entries: list[tuple[Status, int | None]],
) -> None:
    deployment = Deployment()
    now = deployment.clock.now()
    expected: set[tuple[Step, str]] = set()
    for number, (status, after) in enumerate(entries):
        due_at = None if after is None else now + after
        entry = verification(id=f"ver_{number:026d}", status=status, due_at=due_at)
        deployment.records.save(entry)
        if due_at is not None and due_at <= now - GRACE_MS:
            expected |= {(step, entry.id) for step in STATES[status].steps}
    before = dict(deployment.records.stored)

    requests = sweep(deployment.dependencies, now + 50_000)

    assert {(one.step, one.id) for one in deployment.steps.requests} == expected
    assert requests == len(deployment.steps.requests) == len(expected)
    assert deployment.records.stored == before  # due times of its own move, no verification does
    assert all(one.at is None for one in deployment.steps.requests)


def test_the_longest_due_comes_first(deployment: Deployment) -> None:
    now = deployment.clock.now()
    for number, late in enumerate((20_000, 60_000, 40_000)):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now - late))

    sweep(deployment.dependencies, now + 50_000)

    assert [int(one.id[4:]) for one in deployment.steps.requests] == [1, 2, 0]


def test_steps_over_the_limit_of_this_minute_wait_for_the_next(deployment: Deployment) -> None:
    now = deployment.clock.now()
    for number in range(2_005):
        entry = verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS + number)
        deployment.records.save(entry)

    assert sweep(deployment.dependencies, now + 50_000) == 2_000
    for one in deployment.steps.take():
        entry = msgspec.json.decode(deployment.records.stored[one.id], type=Verification)
        deployment.records.save(replace(entry, due_at=now + HOUR_MS))
    assert sweep(deployment.dependencies, now + 50_000) == 5


def test_it_ends_before_its_function_is_stopped(deployment: Deployment) -> None:
    now = deployment.clock.now()
    for number in range(5):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS))

    assert sweep(deployment.dependencies, now + 1_000) == 1


@pytest.mark.parametrize(
    ("left_ms", "requested", "deletes"),
    [(1_999, 1, False), (2_000, 5, False), (2_001, 5, True)],
)
def test_nothing_begins_in_the_last_two_seconds_of_its_function(
    deployment: Deployment, left_ms: int, requested: int, deletes: bool
) -> None:
    now = deployment.clock.now()
    for number in range(5):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS))

    assert sweep(deployment.dependencies, now + left_ms) == requested
    assert bool(deployment.records.forgotten) == deletes


@settings(max_examples=60, deadline=None)
@given(
    offsets=st.lists(st.integers(min_value=-HOUR_MS, max_value=HOUR_MS), max_size=12),
    after=st.integers(min_value=-5_000, max_value=30_000),
    span=st.integers(min_value=0, max_value=90_000),
)
def test_without_delayed_messages_it_requests_ahead_but_no_step_in_flight(
    offsets: list[int], after: int, span: int
) -> None:
    deployment = Deployment()
    now = deployment.clock.now()
    deployment.steps.window = Window(now + after, now + after + span)
    for number, offset in enumerate(offsets):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now + offset))

    sweep(deployment.dependencies, now + 50_000)

    expected = {
        (number, now + offset if offset > 0 else None)
        for number, offset in enumerate(offsets)
        if offset <= -GRACE_MS or after < offset <= after + span
    }
    assert {(int(one.id[4:]), one.at) for one in deployment.steps.requests} == expected


@pytest.mark.parametrize(
    ("offset", "is_asked"),
    [
        (-10_000, True),
        (-9_999, False),
        (-5_000, False),
        (-4_999, True),
        (0, True),
        (1, True),
        (30_000, True),
        (30_001, False),
    ],
)
def test_the_grace_ends_and_the_window_begins_and_ends_to_the_millisecond(
    deployment: Deployment, offset: int, is_asked: bool
) -> None:
    now = deployment.clock.now()
    deployment.steps.window = Window(now - 5_000, now + 30_000)
    deployment.records.save(verification(due_at=now + offset))

    sweep(deployment.dependencies, now + 50_000)

    at = now + offset if offset > 0 else None
    assert [one.at for one in deployment.steps.requests] == ([at] if is_asked else [])


def test_a_failing_step_is_not_requested_ahead_of_its_time(
    deployment: Deployment,
) -> None:
    """Each poisoned verification held a function, which waited for a time that is no promise."""
    began = deployment.clock.now()
    poisoned = verification(id=f"ver_{1:026d}", due_at=began - HOUR_MS)
    deployment.records.save(poisoned)
    requests: list[int] = []
    waited: list[int | None] = []
    for second in range(0, 3_600, 20):
        now = deployment.clock.time = began + second * 1_000
        deployment.steps.window = Window(now + 15_000, now + 35_000)
        sweep(deployment.dependencies, now + 50_000)
        for one in deployment.steps.take():
            requests.append(second)
            waited.append(one.at)

    assert set(waited) == {None}
    assert 8 <= len(requests) <= 10


def test_it_lets_the_store_delete_expired_records(deployment: Deployment) -> None:
    now = deployment.clock.now()

    sweep(deployment.dependencies, now + 50_000)
    assert deployment.records.forgotten == [(now, LIMIT)]

    sweep(deployment.dependencies, now + 1_000)  # nothing is begun shortly before the end
    assert deployment.records.forgotten == [(now, LIMIT)]


def test_a_step_that_cannot_be_asked_for_does_not_stop_the_others(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = deployment.clock.now()
    for number in range(3):
        entry = verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS + number)
        deployment.records.save(entry)
    run = deployment.steps.request

    def refuse_the_first(
        step: Step, verification_id: str, at: int | None = None, **whose: str | None
    ) -> None:
        if verification_id.endswith("0"):
            raise RuntimeError("refused")
        run(step, verification_id, at, **whose)

    monkeypatch.setattr(deployment.steps, "request", refuse_the_first)

    with pytest.raises(RuntimeError, match="refused"):
        sweep(deployment.dependencies, now + 50_000)
    assert [int(one.id[4:]) for one in deployment.steps.requests] == [1, 2]


def test_it_gives_up_when_no_step_can_be_asked_for(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = deployment.clock.now()
    for number in range(50):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS))
    tried: list[str] = []

    def refuse(
        step: Step, verification_id: str, at: int | None = None, **whose: str | None
    ) -> None:
        tried.append(verification_id)
        raise RuntimeError("refused")

    monkeypatch.setattr(deployment.steps, "request", refuse)

    with pytest.raises(RuntimeError, match="refused"):
        sweep(deployment.dependencies, now + 50_000)
    assert len(tried) == 10


def test_a_step_requested_in_vain_is_requested_at_growing_intervals(
    deployment: Deployment,
) -> None:
    deployment.records.save(verification(due_at=deployment.clock.now()))
    began, requests = deployment.clock.now(), []
    for _ in range(180):
        deployment.clock.advance(20_000)
        sweep(deployment.dependencies, deployment.clock.now() + 50_000)
        if deployment.steps.take():
            requests.append((deployment.clock.now() - began) // 1000)

    distances = [later - earlier for earlier, later in itertools.pairwise(requests)]
    assert distances == sorted(distances)
    assert distances[:4] == [40, 40, 80, 140]
    assert distances[-1] <= LONGEST_BACKOFF_MS / 1000 + 40


def test_a_step_requested_again_and_again_raises_the_alarm(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.records.save(verification(due_at=deployment.clock.now()))
    rang = []
    for _ in range(60):
        deployment.clock.advance(60_000)
        sweep(deployment.dependencies, deployment.clock.now() + 50_000)
        rang.append(len(counted))

    assert rang[6] == 0  # a lost message, or a burst, is no such thing
    assert rang[20] >= 1
    assert set(counted) == {Metric.STEP_STUCK}


def test_a_step_is_stuck_from_a_backoff_of_eight_minutes_on(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[object, dict[str, object]]] = []
    monkeypatch.setattr(
        observability, "record", lambda event, **fields: lines.append((event, fields))
    )
    deployment.records.save(verification(due_at=deployment.clock.now()))
    for _ in range(60):
        deployment.clock.advance(60_000)
        sweep(deployment.dependencies, deployment.clock.now() + 50_000)

    stuck = [fields for event, fields in lines if event is Event.STEP_STUCK]
    assert [fields["seconds"] for fields in stuck[:3]] == [480, 960, 960]
    assert stuck[0]["status"] == verification().status.value


@pytest.mark.parametrize("broken", ["record", "state"])
def test_neither_an_unreadable_record_nor_an_unknown_state_stops_the_sweep(
    deployment: Deployment, broken: str
) -> None:
    now = deployment.clock.now()
    for number in range(3):
        deployment.records.save(
            verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS + number)
        )
    first = f"ver_{0:026d}"
    if broken == "record":
        deployment.records.stored[first] = b"{"
    else:
        deployment.records.rows[first] = deployment.records.rows[first]._replace(status="archived")

    sweep(deployment.dependencies, now + 50_000)

    expected = [0, 1, 2] if broken == "record" else [1, 2]
    assert [int(one.id[4:]) for one in deployment.steps.take()] == expected
    due = next(one for one in deployment.records.due(now + HOUR_MS, 10) if one.id == first)
    assert due.due_at == now + 15_000


def test_steps_that_are_refused_for_some_do_not_keep_the_others_waiting(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten that cannot be asked for end a sweep: they must not be the first ten of each."""
    now = deployment.clock.now()
    for number in range(30):
        deployment.records.save(
            verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS + number)
        )
    run = deployment.steps.request

    def refuse_the_first(
        step: Step, verification_id: str, at: int | None = None, **whose: str | None
    ) -> None:
        if int(verification_id[4:]) < 20:
            raise RuntimeError("refused")
        run(step, verification_id, at, **whose)

    monkeypatch.setattr(deployment.steps, "request", refuse_the_first)
    for _ in range(3):
        with suppress(RuntimeError):
            sweep(deployment.dependencies, deployment.clock.now() + 50_000)

    assert {int(one.id[4:]) for one in deployment.steps.requests} >= set(range(20, 30))


def test_one_that_cannot_be_put_back_is_asked_for_all_the_same(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = deployment.clock.now()
    for number in range(15):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now - HOUR_MS))

    def refuse(*_: object) -> None:
        raise RuntimeError("no permission")

    monkeypatch.setattr(deployment.records, "back_off", refuse)

    with pytest.raises(RuntimeError, match="no permission"):
        sweep(deployment.dependencies, now + 50_000)
    assert len(deployment.steps.requests) == 15


def test_a_verification_saved_during_the_sweep_is_not_requested(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = deployment.clock.now()
    saved = deployment.records.save(verification(due_at=now - HOUR_MS))
    due = list(deployment.records.due(now, 10))
    deployment.records.save(replace(saved, due_at=now + HOUR_MS))
    monkeypatch.setattr(deployment.records, "due", lambda before, limit: iter(due))

    assert sweep(deployment.dependencies, now + 50_000) == 0
