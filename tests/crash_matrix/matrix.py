"""The runs of the matrix: real checks and vendor clients over the emulator, ports in memory."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

import pytest
from msgspec.structs import replace as replace_fields

from liveproof.checks import video
from liveproof.domain.audit import first_fault
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.next_move import UnknownPolicy
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.evidence.objects import manifest_key
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.errors import InvalidState
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.verify_upload import object_created
from liveproof_emulator import testing
from tests.crash_matrix.cases import VENDORS, Case, Stop
from tests.support import ways
from tests.support.crash_runs import Run, Way, erasure_problems, problems
from tests.support.deployment import CLIENT, WEBHOOK_SECRET, Deployment
from tests.support.evidence import put_evidence_keys
from tests.support.memory import StepRequest
from tests.support.vendor_exchanges import exchanges_as_moments

_COPIES = 3
_REQUESTS = 4
_ROUNDS = 400

PERSON = "jane.doe@example.com"
"""The reference of every verification."""


@dataclass(frozen=True)
class Result:
    """A run that has come to its end.

    Attributes:
        moment: the name of the moment at which it was stopped.
        violations: what is not as it has to be.
        story: the moments that were reached, then the verification as it was stored, in JSON.
    """

    moment: str
    violations: tuple[str, ...]
    story: tuple[str, ...]


class Matrix:
    """Runs cases, one after the other.

    Args:
        vendor: an emulator without rate limits, which this resets before each run.
        seed: for the order of events.
    """

    def __init__(self, vendor: testing.Running, seed: int) -> None:
        self._vendor = vendor
        self._seed = seed
        self._last: tuple[Case, Run, list[str]] | None = None

    def moments(self, case: Case) -> list[str]:
        """The names of the moments at which the case can be stopped."""
        return list(self._smooth(case)[1])

    def run(self, case: Case, stop: Stop) -> Result:
        """Run the case with this stop, and without any if that has not been done yet."""
        smooth, _ = self._smooth(case)
        run = self._start(case)
        try:
            with _around(case, run):
                wrong = self._violations(case, run, stop, smooth)
        except Exception as error:  # noqa: BLE001 - a run that does not end is a violation as well
            wrong = [f"{type(error).__name__}: {error}"]
        moments = run.deployment.crash_points.moments
        moment = next(iter(moments[stop.moment :]), "never reached") if stop.moment >= 0 else ""
        stored = [value.decode() for value in run.deployment.records.stored.values()]
        return Result(moment, tuple(wrong), (*moments, *stored))

    def _violations(self, case: Case, run: Run, stop: Stop, smooth: Run) -> list[str]:
        now = run.deployment.clock.now
        after = run.go(
            stop.moment,
            by=lambda name: stop.kind.make(name, now()),
            messages=case.messages == "thrice",
        )
        if case.erased:
            wrong = [*erasure_problems(run, after, PERSON), *_left_by_late_events(run, after)]
        else:
            wrong = [
                *problems(run, after, smooth),
                *_wrong_webhooks(run, after),
                *_wrong_evidence(run, after),
                *_wrong_calls(case, run, after),
                *_changes_by_late_events(run, after),
            ]
        if run.way.paid(run.deployment) != run.paid:
            wrong.append("late events led to a paid call")
        return wrong

    def _smooth(self, case: Case) -> tuple[Run, list[str]]:
        """A run that nothing stops, and its moments; kept until another case comes."""
        if self._last is None or self._last[0] != case:
            run = self._start(case)
            with _around(case, run):
                run.go(messages=case.messages == "thrice")
            self._last = case, run, list(run.deployment.crash_points.moments)
        return self._last[1:]

    def _start(self, case: Case) -> Run:
        self._vendor.reset()
        fault = VENDORS[case.vendor]
        if fault is not None:
            self._vendor.fault(case.way.action, fault)
        order = random.Random(f"{self._seed} {case}")
        return Run(
            Way(
                make=partial(self._deployment, case),
                act=partial(_create_and_upload, case, order),
                also=frozenset({"call_outcome_unknown"}),
                paid=lambda _: self._executed(case),
            )
        )

    def _deployment(self, case: Case) -> Deployment:
        deployment = Deployment()
        put_evidence_keys(deployment)
        uploading = ways.Uploading(
            deployment, self._vendor, deployment.bucket, deployment.bucket.objects.__setitem__
        )
        changes = {**case.way.changes, "unknown_outcome": case.policy.value}
        deployment.dependencies = uploading.dependencies(replace(case.way, changes=changes))
        return deployment

    def _executed(self, case: Case) -> int:
        return sum(bool(call["executed"]) for call in self._vendor.calls(case.way.action))


@contextmanager
def _around(case: Case, run: Run) -> Iterator[None]:
    """Until the block ends, exchanges are moments, and files go to the vendor in the case's way."""
    with pytest.MonkeyPatch.context() as patched:
        if case.way.by_url:
            patched.setattr(video, "MAX_REQUEST_BYTES", 0)
        with exchanges_as_moments(run.deployment.crash_points, run.deployment.clock):
            yield


def _create_and_upload(case: Case, order: random.Random, run: Run) -> None:
    """What the client and the app do; what follows is handled in a random order."""
    deployment = run.deployment
    files = ways.files_for(deployment.dependencies, case.way)
    _create(deployment, case, files)
    keys = [deployment.put(run.entry, name, body) for name, body in files.items()]
    events: list[Callable[[], object]] = [
        partial(object_created, deployment.dependencies, key) for key in keys
    ]
    if case.erased == "erased-meanwhile":
        events.append(partial(_erase, run))
    deployment.handle(events, order, _COPIES, messages=run.messages)
    if case.erased == "erased-afterwards":
        run.settle()
        _erase(run)


def _erase(run: Run) -> None:
    """The client's DELETE, made again until there is an answer."""
    run.ask(lambda: request_erasure(run.deployment.dependencies, CLIENT, run.entry.id))


def _create(deployment: Deployment, case: Case, files: Mapping[str, bytes]) -> None:
    """The client's request, made again with its idempotency key until there is an answer."""
    request = replace_fields(ways.request_for(case.way, files), reference=PERSON)
    answers: list[object] = []

    def ask() -> None:
        with suppress(InvalidState):  # 409: ask again
            answers.append(
                create_verification(
                    deployment.dependencies, CLIENT, ApiClient(("0" * 64,)), request, "order-1"
                )
            )

    for _ in range(_REQUESTS):
        deployment.survive(ask)
        if answers:
            return
    raise AssertionError("the API did not answer")


def _wrong_webhooks(run: Run, after: Verification) -> Iterator[str]:
    sent = run.deployment.endpoint.delivered
    if not sent:
        yield "no webhook was sent"
    for webhook in sent:
        opened = webhook.opened_with(WEBHOOK_SECRET)
        decision = after.verdict and after.verdict.decision.value
        if (opened["type"], opened["data"]["id"]) != (f"verification.{decision}", after.id):
            yield "a webhook says something else"


def _wrong_evidence(run: Run, after: Verification) -> Iterator[str]:
    if after.manifest is None or after.manifest.missing is not None:
        yield "no manifest was signed"
    else:
        body = run.deployment.bucket.objects.get(manifest_key(after), b"")
        if hashlib.sha256(body).hexdigest() != after.manifest.sha256:
            yield "the manifest in the bucket is another one than the record names"
    fault = first_fault(after)
    if fault is not None:
        yield f"the audit chain is broken at entry {fault.number}: {fault.why}"


def _wrong_calls(case: Case, run: Run, after: Verification) -> Iterator[str]:
    outcomes = [call.outcome for call in after.calls]
    answered = outcomes.count(CallOutcome.ANSWERED)
    if answered > 1:
        yield "two calls were answered"
    if CallOutcome.UNKNOWN not in outcomes and run.paid != answered:
        yield f"{run.paid} were paid, {answered} answered and none is unknown"
    if case.policy is UnknownPolicy.HOLD and run.paid > 1:
        yield "two were paid although unknown outcomes are held"


def _late_events(run: Run, after: Verification) -> None:
    """Every event again, three times, when all is over."""
    deployment = run.deployment
    events: list[Callable[[], object]] = [
        partial(object_created, deployment.dependencies, key) for key in _upload_keys(run)
    ]
    events += [
        partial(deployment.perform, StepRequest(step, after.id, None, after.check, after.client))
        for step in Step
    ]
    deployment.handle(events, random.Random(after.id), _COPIES)


def _upload_keys(run: Run) -> list[str]:
    """As the verification had them when it was created."""
    created = run.deployment.records.history[0]
    return [key for declared in created.inputs.values() for key in declared.keys]


def _left_by_late_events(run: Run, after: Verification) -> Iterator[str]:
    """An app whose URLs still live uploads again, after the erasure."""
    deployment = run.deployment
    sent = len(deployment.endpoint.delivered)
    deployment.bucket.objects.update(dict.fromkeys(_upload_keys(run), b"a face"))
    _late_events(run, after)
    deployment.settle(rounds=_ROUNDS)
    yield from erasure_problems(run, run.entry, PERSON)
    if len(deployment.endpoint.delivered) != sent:
        yield "late events led to a webhook"


def _changes_by_late_events(run: Run, after: Verification) -> Iterator[str]:
    deployment = run.deployment
    sent = len(deployment.endpoint.delivered)
    _late_events(run, after)
    if run.entry != after:
        yield "late events changed the record"
    if len(deployment.endpoint.delivered) != sent:
        yield "late events led to a webhook"
