"""Steps as asynchronous invocations, and the windows in which they and the sweep ask."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveproof.clouds.tencent.steps import (
    EARLY_MS,
    LOOK_AHEAD_MS,
    SWEEP_PERIOD_MS,
    ScfSteps,
    StepNotStarted,
    asked_until,
)
from liveproof.domain.states import Step
from liveproof.secret_documents import VendorKey
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi
from tests.clouds.tencent.standin import ApiStandIn
from tests.support.memory import MemoryClock

ID = "ver_" + "0" * 26
PREFIX = "liveproof-test-"
MINUTE = 1_795_000_020_000
assert MINUTE % SWEEP_PERIOD_MS == 0


@pytest.fixture
def steps(api: TencentApi) -> ScfSteps:
    return ScfSteps(api, PREFIX, MemoryClock(MINUTE))


@pytest.mark.parametrize("step", list(Step))
def test_each_step_has_its_function(steps: ScfSteps, standin: ApiStandIn, step: Step) -> None:
    steps.run(step, ID)

    (asked,) = standin.asked
    assert (asked.service, asked.version, asked.action) == ("scf", "2018-04-16", "Invoke")
    assert asked.region == "ap-singapore"
    context = asked.parameters.pop("ClientContext")
    assert json.loads(context) == {"id": ID}
    assert asked.parameters == {
        "FunctionName": f"liveproof-test-{step.value}",
        "Namespace": "default",
        "Qualifier": "$LATEST",
        "InvocationType": "Event",
    }


@pytest.mark.parametrize(
    ("later_ms", "message"),
    [
        (-5_000, {"id": ID}),
        (0, {"id": ID}),
        (1, {"id": ID, "at": MINUTE + 1}),
        (75_000, {"id": ID, "at": MINUTE + 75_000}),
        (75_001, None),
        (86_400_000, None),
    ],
)
def test_a_step_that_is_due_soon_is_sent_with_its_time_and_a_later_one_is_not(
    steps: ScfSteps, standin: ApiStandIn, later_ms: int, message: dict[str, Any] | None
) -> None:
    steps.run(Step.RUN_CHECK, ID, MINUTE + later_ms)

    sent = [json.loads(asked.parameters["ClientContext"]) for asked in standin.asked]
    assert sent == ([] if message is None else [message])


def test_a_step_is_asked_for_again_while_trouble_passes(
    steps: ScfSteps, standin: ApiStandIn
) -> None:
    standin.answers = ["RequestLimitExceeded", None, {}]
    steps.run(Step.RUN_CHECK, ID)

    assert len(standin.asked) == 3


@pytest.mark.parametrize(
    ("answer", "told", "tries"),
    [
        ("ResourceNotFound.Function", "ResourceNotFound.Function", 1),
        ("UnauthorizedOperation", "UnauthorizedOperation", 1),
        ("InternalError", "InternalError", 3),
        (None, "OutcomeUnknown", 3),
    ],
)
def test_a_step_that_scf_does_not_take_is_told_as_no_vendors_error(
    steps: ScfSteps, standin: ApiStandIn, answer: str | None, told: str, tries: int
) -> None:
    standin.answers = [answer]

    with pytest.raises(StepNotStarted, match=f"run_check: SCF: {told}") as caught:
        steps.run(Step.RUN_CHECK, ID)
    assert not isinstance(caught.value, VendorError)
    assert len(standin.asked) == tries


class Recorded(TencentApi):
    """Keeps when what was asked."""

    def __init__(self, clock: MemoryClock) -> None:
        super().__init__("http://nowhere.example", "ap-singapore", lambda: VendorKey("id", "key"))
        self._clock = clock
        self.invoked: list[tuple[int, int]] = []

    def ask(
        self, service: str, version: str, action: str, parameters: dict[str, Any], timeout: float
    ) -> dict[str, Any]:
        now = self._clock.now()
        self.invoked.append((now, json.loads(parameters["ClientContext"]).get("at", now)))
        return {}


def swept(now: int, due_at: int) -> bool:
    """Whether the sweep that runs at `now` looks ahead to this time."""
    return asked_until(now) - SWEEP_PERIOD_MS < due_at <= asked_until(now)


TIMES = st.integers(MINUTE - SWEEP_PERIOD_MS, MINUTE + SWEEP_PERIOD_MS)
LATER = st.integers(0, 600_000)
JITTER = st.lists(st.integers(-EARLY_MS, 15_000), min_size=14, max_size=14)


@given(created=TIMES, later=LATER, jitter=JITTER)
def test_each_step_is_asked_for_before_it_is_due_and_twice_only_where_the_windows_say(
    created: int, later: int, jitter: list[int]
) -> None:
    clock = MemoryClock(created)
    api = Recorded(clock)
    steps = ScfSteps(api, PREFIX, clock)
    due_at = created + later
    steps.run(Step.RUN_CHECK, ID, due_at)
    directly = bool(api.invoked)
    sweeps = [MINUTE + number * SWEEP_PERIOD_MS + early for number, early in enumerate(jitter, -2)]

    for now in sweeps:
        if now >= created and swept(now, due_at):
            clock.time = now
            steps.run(Step.RUN_CHECK, ID, due_at)

    assert all(asked <= due_at == at for asked, at in api.invoked)
    same_minute = [now for now in sweeps if asked_until(now) == asked_until(created)]
    twice = directly and any(now >= created and swept(now, due_at) for now in same_minute)
    assert len(api.invoked) == (2 if twice else 1)


@given(created=st.integers(MINUTE, MINUTE + SWEEP_PERIOD_MS - EARLY_MS - 1), later=LATER)
def test_a_step_that_is_stored_after_its_minutes_sweep_is_asked_for_exactly_once(
    created: int, later: int
) -> None:
    clock = MemoryClock(created)
    api = Recorded(clock)
    ScfSteps(api, PREFIX, clock).run(Step.RUN_CHECK, ID, created + later)
    sweeps = [MINUTE + number * SWEEP_PERIOD_MS for number in range(1, 14)]

    by_sweeps = sum(swept(now, created + later) for now in sweeps)
    assert len(api.invoked) + by_sweeps == 1


@given(now=TIMES, ahead=st.integers(0, LOOK_AHEAD_MS + EARLY_MS))
def test_what_a_sweep_looks_ahead_to_is_what_is_then_sent(now: int, ahead: int) -> None:
    clock = MemoryClock(now)
    api = Recorded(clock)
    ScfSteps(api, PREFIX, clock).run(Step.RUN_CHECK, ID, now + ahead)

    assert bool(api.invoked) == (now + ahead <= asked_until(now))
    assert bool(api.invoked) or not swept(now, now + ahead)


def test_no_step_waits_longer_in_its_function_than_the_look_ahead_and_what_is_early() -> None:
    waits = [asked_until(now) - now for now in range(MINUTE, MINUTE + SWEEP_PERIOD_MS, 1_000)]

    assert max(waits) == LOOK_AHEAD_MS + EARLY_MS
    assert min(waits) == LOOK_AHEAD_MS - SWEEP_PERIOD_MS + EARLY_MS + 1_000
