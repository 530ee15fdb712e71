"""A vendor that is down is left in peace, and nobody's verification ends earlier for that."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from contextlib import suppress

import pytest
from msgspec.structs import replace

from liveproof import observability
from liveproof.api.views import verification_view
from liveproof.domain import interventions
from liveproof.domain.breaker import LEAST_OUTCOMES, PAUSE_MS, PROBE_MS
from liveproof.domain.retries import VENDOR_DOWN_MS, VENDOR_FAILURES, retry_delay_ms
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Decision, WaitingFor
from liveproof.observability import Event, Metric
from liveproof.ports import ObjectMissing, SecretUnusable
from liveproof.use_cases.run_check import run_check
from liveproof.vendors.errors import KeyReplaced, NotSent, OutcomeUnknown, RelayFailed
from tests.support.checks import answer
from tests.support.crash_points import Failed
from tests.support.deployment import FREE, HOUR_MS, PAID, Deployment, verdict_code


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    metrics: list[Metric] = []
    monkeypatch.setattr(observability, "count", metrics.append)
    return metrics


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    events: list[Event] = []
    monkeypatch.setattr(observability, "record", lambda event, **_: events.append(event))
    return events


def break_down(deployment: Deployment, name: str = PAID) -> None:
    """Ten requests of other verifications failed just now."""
    for _ in range(LEAST_OUTCOMES):
        deployment.quota.reserve(name, 1_000, deployment.clock.now())
        deployment.quota.record_failure(name, deployment.clock.now())


def test_ten_calls_that_fail_are_the_last_ones(
    deployment: Deployment, counted: list[Metric], recorded: list[Event]
) -> None:
    deployment.check.script = [NotSent("no connection")]
    entries = [deployment.ready() for _ in range(30)]
    for entry in entries:
        deployment.run_check(entry)
        deployment.clock.advance(-1_000)

    assert deployment.check.calls == LEAST_OUTCOMES
    assert counted.count(Metric.VENDOR_DOWN) == recorded.count(Event.VENDOR_DOWN) == 1
    waiting = deployment.load(entries[-1].id)
    assert (waiting.status, waiting.vendor_failures) == (Status.CHECKING, 0)
    assert verification_view(waiting).waiting_for == "vendor"


def test_a_run_that_waits_for_the_vendor_uploads_no_files(deployment: Deployment) -> None:
    entry = deployment.ready()
    break_down(deployment)
    waiting = deployment.run_check(entry)
    assert (waiting.runs, waiting.waiting_for) == (1, WaitingFor.VENDOR)
    prepared = deployment.check.prepared

    for _ in range(20):
        deployment.clock.sleep_until(deployment.load(entry.id).due_at or 0)
        deployment.quota.record_failure(PAID, deployment.clock.now())
        deployment.run_check(entry)

    after = deployment.load(entry.id)
    assert (after.runs, after.calls) == (1, waiting.calls)
    assert deployment.check.prepared == prepared
    assert deployment.check.calls == 0


def test_uploads_are_taken_while_the_vendor_is_down(deployment: Deployment) -> None:
    break_down(deployment)

    assert deployment.ready().status is Status.READY


def test_a_relay_that_is_down_is_not_asked_and_no_run_is_counted(deployment: Deployment) -> None:
    entry = deployment.ready()
    break_down(deployment, FREE)

    waiting = deployment.run_check(entry)

    assert (waiting.status, waiting.runs) == (Status.READY, 0)
    assert waiting.waiting_for is WaitingFor.VENDOR
    assert deployment.check.prepared == 0
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_relays_that_fail_open_the_relays_breaker(deployment: Deployment) -> None:
    deployment.check.prepare_fails = [RelayFailed("no storage")] * LEAST_OUTCOMES
    for _ in range(LEAST_OUTCOMES):
        deployment.run_check(deployment.ready())
        deployment.clock.advance(-500)

    assert deployment.quota.breakers[FREE].open_until > 0
    assert deployment.quota.breakers[PAID].open_until == 0


@pytest.mark.parametrize("name", [PAID, FREE])
def test_a_success_of_the_probe_lets_everybody_call_again(
    deployment: Deployment, recorded: list[Event], name: str
) -> None:
    entry = deployment.ready()
    break_down(deployment, name)
    deployment.clock.advance(PAUSE_MS)

    deployment.run_check(entry)

    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert deployment.quota.breakers[name].open_until == 0
    assert recorded.count(Event.VENDOR_UP) == 1


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def no_slot(name: str) -> Callable[[Deployment], None]:
    def fill(deployment: Deployment) -> None:
        deployment.quota.next_at[name] = deployment.clock.now() + HOUR_MS

    return fill


def met_by_the_call(error: Exception) -> Callable[[Deployment], None]:
    return lambda deployment: deployment.check.script.insert(0, error)


def lost_file(deployment: Deployment) -> None:
    deployment.check.at_preparation = raising(ObjectMissing("uploads/x"))


def overtaken(deployment: Deployment) -> None:
    """An operator settles it, or a client erases it, while the run works on it."""

    def conflict() -> None:
        deployment.records.conflicts_to_come = 1

    deployment.check.at_preparation = conflict


@pytest.mark.parametrize(
    "hindrance",
    [
        no_slot(FREE),
        lambda deployment: break_down(deployment, FREE),
        no_slot(PAID),
        lost_file,
        overtaken,
        met_by_the_call(SecretUnusable("vendor-key")),
        met_by_the_call(KeyReplaced("AuthFailure", "request-1")),
        met_by_the_call(ZeroDivisionError()),
    ],
    ids=[
        "no slot of the relay", "the relay is down", "no slot of the call", "a lost file",
        "a change that came first", "no key", "a key that is replaced", "a fault of ours",
    ],
)  # fmt: skip
def test_a_probe_whose_run_learns_nothing_of_the_vendor_is_the_next_runs(
    deployment: Deployment, hindrance: Callable[[Deployment], None]
) -> None:
    first, second = deployment.ready(), deployment.ready()
    break_down(deployment)
    for entry in (first, second):
        assert deployment.run_check(entry).waiting_for is WaitingFor.VENDOR
    deployment.clock.sleep_until(deployment.load(first.id).due_at or 0)
    hindrance(deployment)

    with suppress(SecretUnusable, ZeroDivisionError):
        deployment.run_check(first)

    is_open_until = deployment.quota.breakers[PAID].open_until
    assert 0 < is_open_until <= deployment.clock.now()
    deployment.quota.next_at.clear()
    deployment.quota.breakers.pop(FREE, None)
    deployment.check.at_preparation = lambda: None
    deployment.clock.sleep_until(deployment.load(second.id).due_at or 0)
    deployment.run_check(second)
    assert verdict_code(deployment.load(second.id))[1] == "passed"
    assert deployment.clock.now() - is_open_until < PROBE_MS


def test_a_probe_that_cannot_be_given_back_ends_no_run(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.ready()
    break_down(deployment)
    waiting = deployment.run_check(entry)
    deployment.clock.sleep_until(waiting.due_at or 0)
    no_slot(FREE)(deployment)
    monkeypatch.setattr(deployment.quota, "give_back_probe", raising(OSError("no store")))

    assert deployment.run_check(entry).waiting_for is WaitingFor.QUOTA


def test_a_run_without_a_probe_asks_the_store_no_more_than_ever(deployment: Deployment) -> None:
    deployment.run_check(deployment.ready())

    assert "after quota.reserve" in deployment.crash_points.moments
    assert "after quota.give_back_probe" not in deployment.crash_points.moments


@pytest.mark.parametrize(
    "script",
    [
        answer("FailedOperation.CompareLowSimilarity"),
        answer(None, error="RequestLimitExceeded"),
        answer("a code that is in no table"),
        answer(None, None),
    ],
    ids=["a verdict", "a refusal for the rate", "an unknown code", "no code"],
)
def test_an_answer_of_the_vendor_is_no_failure(deployment: Deployment, script: object) -> None:
    deployment.check.script = [script]  # type: ignore[list-item]
    for _ in range(2 * LEAST_OUTCOMES):
        deployment.run_check(deployment.ready())
        deployment.clock.advance(-1_000)

    assert deployment.quota.breakers[PAID].failures == 0


@pytest.mark.parametrize(
    "script",
    [
        NotSent("no connection"),
        OutcomeUnknown("HTTP 502"),
        answer(None, error="InternalError"),
        answer(None, error="FailedOperation.DownLoadError"),
    ],
    ids=["not sent", "no answer", "an error that may be billed", "an error that is not"],
)
def test_a_request_that_the_vendor_could_not_serve_is_a_failure(
    deployment: Deployment, script: object
) -> None:
    deployment.check.script = [script]  # type: ignore[list-item]
    deployment.run_check(deployment.ready())

    assert deployment.quota.breakers[PAID].failures == 1


def test_a_vendor_that_stays_down_ends_a_verification_after_two_hours(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    began = deployment.clock.now()
    break_down(deployment)
    while deployment.load(entry.id).verdict is None:
        deployment.clock.sleep_until(deployment.load(entry.id).due_at or 0)
        deployment.quota.record_failure(PAID, deployment.clock.now())
        deployment.run_check(entry)

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "vendor_unavailable")
    took = deployment.clock.now() - began
    assert VENDOR_DOWN_MS <= took < VENDOR_DOWN_MS + HOUR_MS / 10
    assert took > sum(retry_delay_ms(number) for number in range(VENDOR_FAILURES))


def test_an_operators_release_starts_the_waiting_anew() -> None:
    deployment = Deployment(unknown_outcome="hold")
    deployment.check.script = [OutcomeUnknown("HTTP 502"), answer()]
    held = deployment.run_check(deployment.ready())
    assert verification_view(held).waiting_for == "operator"

    released = interventions.released(
        replace(held, vendor_waited_ms=VENDOR_DOWN_MS), held.created_at
    )

    assert (released.vendor_waited_ms, released.waiting_for) == (0, None)


class Outage:
    """Many verifications, a vendor that is down for a time, and calls in virtual time."""

    def __init__(self, deployment: Deployment, down_from: int, down_until: int) -> None:
        self._deployment = deployment
        self._down = (down_from, down_until)
        deployment.check.call_takes_ms = 300
        deployment.check.during_call = self._serve
        self.failed_at: list[int] = []

    def _serve(self) -> None:
        now, (first, last) = self._deployment.clock.now(), self._down
        if first <= now < last:
            self.failed_at.append(now)
            raise NotSent("no connection")

    def drain(self, count: int, workers: int) -> None:
        """Run them all to their decision."""
        deployment, turns = self._deployment, itertools.count()
        waiting = [
            (deployment.clock.now(), next(turns), deployment.ready().id) for _ in range(count)
        ]
        free = [deployment.clock.now()] * workers
        while waiting:
            at, _, id = heapq.heappop(waiting)
            deployment.clock.time = max(at, heapq.heappop(free))
            run_check(deployment.dependencies, id, deployment.clock.now() + 120_000)
            heapq.heappush(free, deployment.clock.now())
            after = deployment.load(id)
            if after.verdict is None:
                heapq.heappush(waiting, (after.due_at or 0, next(turns), id))


@pytest.mark.parametrize(("minutes", "verifications"), [(2, 150), (45, 50)])
def test_an_outage_costs_a_few_calls_and_no_verification(
    deployment: Deployment, minutes: int, verifications: int
) -> None:
    """Without the breaker each of them calls up to forty times."""
    began = deployment.clock.now()
    outage = Outage(deployment, began + 5_000, began + 5_000 + minutes * 60_000)

    outage.drain(verifications, workers=10)

    assert {verdict_code(one)[1] for one in deployment.records.all()} == {"passed"}
    probes = minutes * 60_000 / PAUSE_MS
    assert LEAST_OUTCOMES <= len(outage.failed_at) <= LEAST_OUTCOMES + 10 + probes
    later = [at for at in outage.failed_at if at > began + 30_000]
    assert min(b - a for a, b in itertools.pairwise(later)) >= PAUSE_MS
    ended = max(one.verdict.decided_at for one in deployment.records.all() if one.verdict)
    assert ended - outage.failed_at[-1] <= 3 * 60_000 + PROBE_MS
    assert max(one.vendor_failures for one in deployment.records.all()) <= VENDOR_FAILURES / 2


@pytest.mark.parametrize("frame", [False, True])
def test_an_answer_whose_news_of_the_vendor_cannot_be_stored_is_decided_and_delivered(
    monkeypatch: pytest.MonkeyPatch, *, frame: bool
) -> None:
    """The row of the vendor's limit is busier than any other, and may be throttled alone."""
    deployment = Deployment(open_verifications_per_client=1)
    entry = deployment.ready()
    deployment.check.script = [answer(frame=frame)]

    def refuse(name: str) -> bool:
        if name == PAID:
            raise Failed
        return False

    monkeypatch.setattr(deployment.quota, "record_success", refuse)
    with pytest.raises(Failed):
        deployment.run_check(entry)

    after = deployment.load(entry.id)
    assert verdict_code(after) == (Decision.PASSED, "passed")
    assert after.evidence is not None
    assert len(after.evidence.frames) == frame
    assert deployment.steps.requests[-1].step is Step.DELIVER_RESULT
    assert [counts.open for counts in deployment.limits.counters.values()] == [0]


@pytest.mark.parametrize("fails", ["call", "preparation"])
def test_a_failure_that_cannot_be_counted_for_the_vendor_is_tried_again_soon(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    deployment = Deployment()
    entry = deployment.ready()
    if fails == "call":
        deployment.check.script = [NotSent("no connection"), answer()]
    else:
        deployment.check.prepare_fails = [RelayFailed("broke off")]

    def refuse(name: str, now: int) -> bool:
        raise Failed

    monkeypatch.setattr(deployment.quota, "record_failure", refuse)
    with pytest.raises(Failed):
        deployment.run_check(entry)

    after = deployment.load(entry.id)
    assert after.vendor_failures == 1
    assert deployment.steps.requests[-1].at == after.due_at == deployment.clock.now() + 2_000
