"""An erasure whose functions are stopped anywhere: in the end nothing of the person is left.

Some moments of each way in the gate, all with LIVEPROOF_WHOLE_ATTACK=1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from liveproof.domain.audit import first_fault
from liveproof.domain.ledger import CallState
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.checks import answer
from tests.support.crash_runs import Run, Way, stops
from tests.support.deployment import CLIENT, FILES, WEBHOOK_SECRET, Deployment


def made() -> Deployment:
    deployment = Deployment()
    deployment.check.script = [answer(frame=True)]
    deployment.create(reference="jane.doe@example.com", metadata={"name": "Jane Doe"})
    return deployment


def ask(run: Run) -> None:
    run.ask(lambda: request_erasure(run.deployment.dependencies, CLIENT, run.entry.id))


def before_uploads(run: Run) -> None:
    keys = {name: declared.keys[-1] for name, declared in run.entry.inputs.items()}
    ask(run)
    for name, key in keys.items():  # the URLs still live
        run.deployment.bucket.objects[key] = FILES[name]


def after_uploads(run: Run) -> None:
    for name, body in FILES.items():
        run.upload(name, body)
    ask(run)


def in_the_call(run: Run) -> None:
    run.deployment.check.during_call = partial(ask, run)
    for name, body in FILES.items():
        run.upload(name, body)
    run.settle()
    ask(run)  # where no call was made


def after_the_end(run: Run) -> None:
    for name, body in FILES.items():
        run.upload(name, body)
    run.settle()
    ask(run)


def problems(run: Run, after: Verification) -> list[str]:
    """What is not as it has to be."""
    deployment = run.deployment
    stored = deployment.records.stored[after.id].decode().lower()
    sent = [one.opened_with(WEBHOOK_SECRET) for one in deployment.endpoint.delivered]
    erased = [one for one in sent if one["type"] == "verification.erased"]
    wrong = {
        "it has not come to rest": (after.status, after.due_at) != (Status.ERASED, None),
        "an object is left": any(after.id in key for key in deployment.bucket.objects),
        "the record names the person": "jane" in stored or "uploads/" in stored,
        "a call is not settled": any(call.state is CallState.CALLED for call in after.calls),
        "a call is not in the ledger": run.paid > len(after.calls),
        "two calls were paid": run.paid > 1 + run.in_flight,
        "nobody was told": not erased,
        "it was told otherwise": len({str(one) for one in erased}) > 1,
        "the erasure was told too often": len(erased) > 2,
        "the delivery did not end": after.delivery is None
        or after.delivery.state is not DeliveryState.DELIVERED,
        "the person was told after the erasure": "jane" in str(erased).lower(),
        "the audit chain is broken": first_fault(after) is not None,
    }
    return [what for what, is_wrong in wrong.items() if is_wrong]


@pytest.mark.parametrize("act", [before_uploads, after_uploads, in_the_call, after_the_end])
def test_an_erasure_ends_whatever_is_stopped(act: Callable[[Run], None]) -> None:
    way = Way(made, act)
    smooth = Run(way)
    assert problems(smooth, smooth.go()) == []
    moments = smooth.deployment.crash_points.moments
    wrong = []
    for moment, by, messages in stops(len(moments)):
        run = Run(way)
        after = run.go(moment, by=by, messages=messages)
        found = problems(run, after)
        if found:
            wrong.append(f"{by.__name__} {moments[moment]} (messages={messages}): {found}")
    assert wrong == []
