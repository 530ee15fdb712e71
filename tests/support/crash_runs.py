"""One way of a verification, run with a function that is stopped at a chosen moment of it.

Afterwards nothing but time, the sweep and a client that asks again when it hears nothing help. What
has to hold whatever was stopped is in `problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from liveproof.domain.audit import first_fault
from liveproof.domain.ledger import CallOutcome, CallState
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.use_cases.errors import InvalidState
from liveproof.use_cases.verify_upload import object_created
from tests.support.crash_points import Failed, Killed
from tests.support.deployment import WEBHOOK_SECRET, Deployment
from tests.support.thorough import WHOLE

_MOMENTS = 12
_WHOLE_MOMENTS = 120
"""A way of many hours repeats itself: no more of its moments than these are tried."""


def _judged(deployment: Deployment) -> int:
    return sum(deployment.check.judged)


@dataclass(frozen=True)
class Way:
    """What happens to a verification.

    Attributes:
        make: a new deployment with its vendor and endpoint, and the verification in it, unless
            `act` creates one.
        act: what the app and the client do; whatever is due follows by itself.
        also: reasons of the decision that a function stopped in the middle may lead to.
        paid: how many calls the vendor has executed and may bill.
    """

    make: Callable[[], Deployment]
    act: Callable[[Run], None]
    also: frozenset[str] = frozenset()
    paid: Callable[[Deployment], int] = field(default=_judged)


class Run:
    """One run of a way.

    Attributes:
        messages: whether the messages of steps arrive; if not, only the sweep moves things.
        in_flight: whether the ledger had a call without an outcome when the function was stopped.
        paid: how many calls the vendor executed and may bill, once the run is over.
    """

    def __init__(self, way: Way) -> None:
        self.way = way
        self.deployment = way.make()
        self.messages = True
        self.in_flight = False
        self.paid = 0

    @property
    def entry(self) -> Verification:
        """The verification as stored: the only one. Raises AssertionError."""
        (entry,) = self.deployment.records.all()
        return entry

    def go(
        self,
        *stop_at: int,
        by: Callable[[str], BaseException] = Killed,
        messages: bool = True,
    ) -> Verification:
        """The verification at its end, after stops at these moments."""
        self.messages = messages
        self.deployment.crash_points.arm_moments(*stop_at, by=by, at_stop=self._look)
        self.way.act(self)
        self.settle()
        self.paid = self.way.paid(self.deployment)
        return self.entry

    def _look(self) -> None:
        calls = [call for entry in self.deployment.records.all() for call in entry.calls]
        self.in_flight = any(call.state is CallState.CALLED for call in calls)

    def settle(self) -> None:
        """Let time pass until nothing is due."""
        self.deployment.settle(messages=self.messages, rounds=3_000)

    def upload(self, name: str, body: bytes) -> None:
        """The app's upload with its event, which may be lost with its function."""
        key = self.deployment.put(self.entry, name, body)
        self.deployment.survive(partial(object_created, self.deployment.dependencies, key))

    def ask(self, request: Callable[[], object]) -> None:
        """A client's request: made again when no answer came, or one that says 500."""
        for _ in range(3):
            try:
                request()
            except (Killed, Failed):
                continue
            except InvalidState:
                return
            return
        raise AssertionError("the API did not answer three times")


def stops(moments: int) -> Iterator[tuple[int, type[BaseException], bool]]:
    """Where a way with so many moments is stopped, by what, and whether messages arrive."""
    if WHOLE:
        for moment in range(0, moments, max(1, moments // _WHOLE_MOMENTS)):
            for by in (Killed, Failed):
                for messages in (True, False):
                    yield moment, by, messages
        return
    step = max(1, moments // _MOMENTS)
    for number, moment in enumerate(range(0, moments, step)):
        # An even step would only ever meet what is before the operations.
        moment = min(moment + number % 2, moments - 1)
        yield moment, (Killed, Failed)[number // 2 % 2], number % 3 > 0


def problems(run: Run, after: Verification, smooth: Run) -> list[str]:
    """What is not as it has to be after a stop, where nothing went wrong in `smooth`."""
    expected = smooth.entry
    assert expected.verdict is not None
    assert expected.delivery is not None
    messages = []

    def require(holds: bool, what: str) -> None:
        if not holds:
            messages.append(what)

    reason = after.verdict.reason.code if after.verdict else None
    allowed = {expected.verdict.reason.code, *run.way.also}
    require(after.status is Status.DECIDED and after.due_at is None, "it has not come to rest")
    require(reason in allowed, f"the reason is {reason}")
    decided = [entry.verdict for entry in run.deployment.records.history if entry.verdict]
    require(all(verdict == decided[0] for verdict in decided), "it was decided twice")
    require(
        after.delivery is not None and after.delivery.state is expected.delivery.state,
        "the delivery ended otherwise",
    )
    require(
        all(call.state is not CallState.CALLED for call in after.calls), "a call is not settled"
    )
    require(run.paid <= smooth.paid + run.in_flight, "one call more was paid")
    outcomes = [call.outcome for call in after.calls]
    require(run.paid <= len(outcomes), "a call is not in the ledger")
    unknown = outcomes.count(CallOutcome.UNKNOWN)
    needed = [call.outcome for call in expected.calls].count(CallOutcome.UNKNOWN)
    require(run.paid <= 1 or unknown >= 1, "two were paid and none is unknown")
    require(unknown <= min(2, needed + run.in_flight), "one outcome more is unknown")
    if unknown and outcomes[-1] is not CallOutcome.ANSWERED:
        require(reason == "call_outcome_unknown", "an unknown outcome is not told")
    if reason == "call_outcome_unknown":
        require(unknown > 0, "every outcome is known")
    if reason == "passed":
        require(CallOutcome.ANSWERED in outcomes, "passed without an answer")
    sent = run.deployment.endpoint.delivered
    require(len({one.body for one in sent}) <= 1, "webhooks with different bodies")
    require(len({one.headers["webhook-id"] for one in sent}) <= 1, "webhooks with different ids")
    extra = len(sent) - len(smooth.deployment.endpoint.delivered)
    require(extra <= 1, "two webhooks more than needed")
    return messages


def erasure_problems(run: Run, after: Verification, person: str) -> list[str]:
    """What is not as it has to be after an erasure, whatever was stopped.

    Args:
        person: the reference of the verification, in lower case.
    """
    deployment = run.deployment
    stored = deployment.records.stored[after.id].decode().lower()
    sent = [one.opened_with(WEBHOOK_SECRET) for one in deployment.endpoint.delivered]
    erased = [one for one in sent if one["type"] == "verification.erased"]
    outcomes = [call.outcome for call in after.calls]
    wrong = {
        "it has not come to rest": (after.status, after.due_at) != (Status.ERASED, None),
        "an object is left": any(after.id in key for key in deployment.bucket.objects),
        "the record names the person": person in stored or "uploads/" in stored,
        "a call is not settled": any(call.state is CallState.CALLED for call in after.calls),
        "a call is not in the ledger": run.paid > len(outcomes),
        "two were paid and none is unknown": run.paid > 1 + outcomes.count(CallOutcome.UNKNOWN),
        "nobody was told": not erased,
        "it was told otherwise": len({str(one) for one in erased}) > 1,
        "the erasure was told too often": len(erased) > 2,
        "the delivery did not end": after.delivery is None
        or after.delivery.state is not DeliveryState.DELIVERED,
        "the person was told after the erasure": person in str(erased).lower(),
        "the audit chain is broken": first_fault(after) is not None,
    }
    return [what for what, is_wrong in wrong.items() if is_wrong]


def stop_everywhere(way: Way, least: int) -> Verification:
    """Run the way once as it is, and once for each stop; how it ends when nothing is stopped.

    Args:
        least: how many moments it has at least, so that the test cannot become empty.

    Raises:
        AssertionError: with every stop after which something was not as it has to be.
    """
    smooth = Run(way)
    ended = smooth.go()
    moments = len(smooth.deployment.crash_points.moments)
    assert moments >= least, moments
    wrong = []
    for moment, by, messages in stops(moments):
        if not messages:
            smooth = Run(way)
            smooth.go(messages=False)
        run = Run(way)
        after = run.go(moment, by=by, messages=messages)
        differences = problems(run, after, smooth)
        if differences:
            name = run.deployment.crash_points.moments[moment]
            wrong.append(
                f"{by.__name__} {name} (moment {moment}, messages={messages}): {differences}"
            )
    assert wrong == []
    return ended
