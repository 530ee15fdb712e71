"""An erasure whose functions are stopped anywhere: in the end nothing of the person is left.

Some moments of each way in the gate, all with LIVEPROOF_WHOLE_ATTACK=1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from liveproof.use_cases.request_erasure import request_erasure
from tests.support.checks import answer
from tests.support.crash_runs import Run, Way, erasure_problems, stops
from tests.support.deployment import CLIENT, FILES, Deployment

PERSON = "jane.doe@example.com"


def made() -> Deployment:
    deployment = Deployment()
    deployment.check.script = [answer(frame=True)]
    deployment.create(reference=PERSON, metadata={"name": "Jane Doe"})
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


@pytest.mark.parametrize("act", [before_uploads, after_uploads, in_the_call, after_the_end])
def test_an_erasure_ends_whatever_is_stopped(act: Callable[[Run], None]) -> None:
    way = Way(made, act)
    smooth = Run(way)
    assert erasure_problems(smooth, smooth.go(), PERSON) == []
    moments = smooth.deployment.crash_points.moments
    wrong = []
    for moment, by, messages in stops(len(moments)):
        run = Run(way)
        after = run.go(moment, by=by, messages=messages)
        problems = erasure_problems(run, after, PERSON)
        if problems:
            wrong.append(f"{by.__name__} {moments[moment]} (messages={messages}): {problems}")
    assert wrong == []
