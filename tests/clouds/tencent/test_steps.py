"""Steps as asynchronous invocations, and the windows in which they and the sweep ask."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liveproof.clouds.tencent.steps import (
    EARLY_MS,
    LOOK_AHEAD_MS,
    SWEEP_PERIOD_MS,
    ScfSteps,
    StepNotStarted,
    window_end,
)
from liveproof.domain.states import Step
from liveproof.secret_documents import VendorKey
from liveproof.use_cases.sweep import GRACE_MS, sweep
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi
from tests.clouds.tencent.standin import ApiStandIn
from tests.support.deployment import Deployment
from tests.support.memory import MemoryClock
from tests.support.verifications import verification

ID = "ver_" + "0" * 26
PREFIX = "liveproof-test-"
BEGINS = 1_795_000_020_000
assert BEGINS % SWEEP_PERIOD_MS == 0


@pytest.fixture
def steps(api: TencentApi) -> ScfSteps:
    return ScfSteps(api, PREFIX, MemoryClock(BEGINS))


@pytest.mark.parametrize("step", list(Step))
def test_each_step_has_its_function(steps: ScfSteps, standin: ApiStandIn, step: Step) -> None:
    steps.request(step, ID, check="reflect", client="shop")

    (requests,) = standin.requests
    assert (requests.service, requests.version, requests.action) == ("scf", "2018-04-16", "Invoke")
    assert requests.region == "ap-singapore"
    context = requests.parameters.pop("ClientContext")
    assert json.loads(context) == {"id": ID}
    assert requests.parameters == {
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
        (1, {"id": ID, "at": BEGINS + 1}),
        (35_000, {"id": ID, "at": BEGINS + 35_000}),
        (35_001, None),
        (86_400_000, None),
    ],
)
def test_a_step_that_is_due_soon_is_sent_with_its_time_and_a_later_one_is_not(
    steps: ScfSteps, standin: ApiStandIn, later_ms: int, message: dict[str, Any] | None
) -> None:
    steps.request(Step.RUN_CHECK, ID, BEGINS + later_ms, check="reflect", client="shop")

    sent = [json.loads(request.parameters["ClientContext"]) for request in standin.requests]
    assert sent == ([] if message is None else [message])


def test_a_step_is_asked_for_again_while_trouble_passes(
    steps: ScfSteps, standin: ApiStandIn
) -> None:
    standin.answers = ["RequestLimitExceeded", None, {}]
    steps.request(Step.RUN_CHECK, ID, check="reflect", client="shop")

    assert len(standin.requests) == 3


@pytest.mark.parametrize(
    ("answer", "code", "tries"),
    [
        ("ResourceNotFound.Function", "ResourceNotFound.Function", 1),
        ("UnauthorizedOperation", "UnauthorizedOperation", 1),
        ("InternalError", "InternalError", 3),
        (None, "OutcomeUnknown", 3),
    ],
)
def test_a_step_that_scf_does_not_take_is_raised_as_no_vendors_error(
    steps: ScfSteps, standin: ApiStandIn, answer: str | None, code: str, tries: int
) -> None:
    standin.answers = [answer]

    with pytest.raises(StepNotStarted, match=f"run_check: SCF: {code}") as caught:
        steps.request(Step.RUN_CHECK, ID, check="reflect", client="shop")
    assert not isinstance(caught.value, VendorError)
    assert len(standin.requests) == tries


class Recorded(TencentApi):
    """Records each request with its time."""

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


class Deployed:
    """One stored verification, and the sweep that everybody runs."""

    def __init__(self, created: int, due_at: int) -> None:
        deployment = Deployment()
        self.clock = MemoryClock(created)
        self.api = Recorded(self.clock)
        self.steps = ScfSteps(self.api, PREFIX, self.clock)
        self.due_at = due_at
        self.runs_at_its_time = True
        self._dependencies = replace(deployment.dependencies, clock=self.clock, steps=self.steps)
        deployment.records.save(verification(id=ID, due_at=due_at))
        self.steps.request(Step.RUN_CHECK, ID, due_at, check="reflect", client="shop")

    def sweep(self, now: int) -> int:
        """How many times the sweep at `now` asks; not at all once the step has run."""
        if now < self.clock.time or (self.runs_at_its_time and now >= self.due_at):
            return 0
        self.clock.time = now
        return sweep(self._dependencies, now + 40_000)


TIMES = st.integers(BEGINS - SWEEP_PERIOD_MS, BEGINS + SWEEP_PERIOD_MS)
LATER = st.integers(0, 200_000)
JITTER = st.lists(st.integers(-EARLY_MS, 15_000), min_size=14, max_size=14)


@given(created=TIMES, later=LATER, jitter=JITTER)
def test_each_step_is_asked_for_before_it_is_due_and_twice_only_where_the_windows_say(
    created: int, later: int, jitter: list[int]
) -> None:
    deployed = Deployed(created, created + later)
    directly = len(deployed.api.invoked)
    sweeps = [BEGINS + number * SWEEP_PERIOD_MS + early for number, early in enumerate(jitter, -2)]

    by_sweeps = {now: deployed.sweep(now) for now in sweeps}

    assert all(invoked_at <= deployed.due_at == at for invoked_at, at in deployed.api.invoked)
    of_its_period = sum(
        times for now, times in by_sweeps.items() if window_end(now) == window_end(created)
    )
    assert directly + sum(by_sweeps.values()) == len(deployed.api.invoked)
    assert len(deployed.api.invoked) == (2 if directly and of_its_period else 1)


@given(created=st.integers(BEGINS, BEGINS + SWEEP_PERIOD_MS - EARLY_MS - 1), later=LATER)
@example(created=BEGINS, later=LOOK_AHEAD_MS)
@example(created=BEGINS, later=LOOK_AHEAD_MS + 1)
@example(created=BEGINS, later=LOOK_AHEAD_MS + SWEEP_PERIOD_MS)
@example(created=BEGINS, later=LOOK_AHEAD_MS + SWEEP_PERIOD_MS + 1)
def test_a_step_that_is_stored_after_its_periods_sweep_is_asked_for_exactly_once(
    created: int, later: int
) -> None:
    deployed = Deployed(created, created + later)
    for number in range(1, 13):
        deployed.sweep(BEGINS + number * SWEEP_PERIOD_MS)

    assert len(deployed.api.invoked) == 1


@given(now=TIMES, ahead=st.integers(0, LOOK_AHEAD_MS + EARLY_MS))
def test_a_sweep_sends_exactly_the_steps_of_its_look_ahead(now: int, ahead: int) -> None:
    deployed = Deployed(now, now + ahead)
    window = deployed.steps.lookahead(now)
    assert window is not None
    after, until = window

    assert bool(deployed.api.invoked) == (now + ahead <= until)
    assert bool(deployed.api.invoked) or not after < now + ahead <= until


@given(missed=st.integers(1, 3), later=st.integers(0, 120_000))
def test_sweeps_that_do_not_run_delay_a_step_by_their_periods_and_the_grace(
    missed: int, later: int
) -> None:
    due_at = BEGINS + 5_000 + later
    deployed = Deployed(BEGINS + 5_000, due_at)
    deployed.runs_at_its_time = False
    for number in range(1 + missed, 13):
        if not deployed.api.invoked:
            deployed.sweep(BEGINS + number * SWEEP_PERIOD_MS)

    first, _ = deployed.api.invoked[0]
    assert first - due_at <= missed * SWEEP_PERIOD_MS + GRACE_MS


def test_no_step_waits_longer_in_its_function_than_the_look_ahead_and_what_is_early() -> None:
    waits = [window_end(now) - now for now in range(BEGINS, BEGINS + SWEEP_PERIOD_MS, 1_000)]

    assert max(waits) == LOOK_AHEAD_MS + EARLY_MS
    assert min(waits) == LOOK_AHEAD_MS - SWEEP_PERIOD_MS + EARLY_MS + 1_000
