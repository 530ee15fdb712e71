"""A step that cannot be asked for after a save is no error: the due time is the promise."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from liveproof import observability
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState
from liveproof.observability import Metric
from liveproof.use_cases.resend_result import resend_result
from liveproof.use_cases.sweep import sweep
from liveproof.vendors.errors import RelayFailed
from tests.support.deployment import CLIENT, FILES, Deployment

USE_CASES = Path(__file__).parent.parent.parent / "layers" / "liveproof" / "use_cases"


class Refused(RuntimeError):
    """The queue, or SCF, does not take the message."""


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    metrics: list[Metric] = []
    monkeypatch.setattr(observability, "count", metrics.append)
    return metrics


@pytest.fixture
def mute(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A deployment whose messages are all refused, and whose sweep is not."""

    def refuse(*_: object, **__: object) -> None:
        raise Refused

    monkeypatch.setattr(deployment.steps, "request", refuse)
    return deployment


def test_a_resend_that_is_saved_is_no_error_though_its_message_is_refused(
    deployment: Deployment, counted: list[Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answered 500 though the delivery had begun anew; the client asked again."""
    entry = deployment.deliver(deployment.run_check(deployment.ready()))
    run = deployment.steps.request

    def refuse(*_: object, **__: object) -> None:
        raise Refused

    monkeypatch.setattr(deployment.steps, "request", refuse)
    saved = resend_result(deployment.dependencies, CLIENT, entry.id)

    assert saved.delivery is not None
    assert (saved.delivery.number, saved.delivery.state) == (2, DeliveryState.PENDING)
    assert counted.count(Metric.STEP_NOT_STARTED) == 1
    monkeypatch.setattr(deployment.steps, "request", run)
    deployment.settle()
    assert len(deployment.endpoint.delivered) == 2


def to_the_last_proof(deployment: Deployment) -> Status:
    entry = deployment.create()
    for name in FILES:
        deployment.upload(entry, name)
    return deployment.load(entry.id).status


def to_a_refused_upload(deployment: Deployment) -> Status:
    entry = deployment.create()
    deployment.upload(entry, "image", b"not the declared bytes")
    return deployment.load(entry.id).status


def to_a_decision(deployment: Deployment) -> Status:
    return deployment.run_check(deployment.ready()).status


def to_a_retry_of_the_call(deployment: Deployment) -> Status:
    deployment.check.prepare_fails = [RelayFailed("away")]
    return deployment.run_check(deployment.ready()).status


def to_a_far_slot(deployment: Deployment) -> Status:
    entry = deployment.ready()
    deployment.quota.next_at["faceid.DetectReflectLivenessAndCompare.ap-singapore"] = (
        deployment.clock.now() + 60_000
    )
    return deployment.run_check(entry).status


def to_a_failed_attempt(deployment: Deployment) -> Status:
    deployment.endpoint.script = [WebhookResponse(500, None, 5)]
    return deployment.deliver(deployment.run_check(deployment.ready())).status


def to_a_fault_of_ours(deployment: Deployment) -> Status:
    deployment.secrets.values["webhooks"] = b"{"
    return deployment.deliver(deployment.run_check(deployment.ready())).status


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        (to_the_last_proof, Status.READY),
        (to_a_refused_upload, Status.DECIDED),
        (to_a_decision, Status.DECIDED),
        (to_a_retry_of_the_call, Status.CHECKING),
        (to_a_far_slot, Status.CHECKING),
        (to_a_failed_attempt, Status.DECIDED),
        (to_a_fault_of_ours, Status.DECIDED),
    ],
)
def test_whatever_was_saved_the_refused_message_is_counted_and_not_raised(
    mute: Deployment, counted: list[Metric], path: Callable[[Deployment], Status], ends: Status
) -> None:
    assert path(mute) is ends
    assert counted.count(Metric.STEP_NOT_STARTED) >= 1


def test_the_sweep_still_says_when_it_cannot_ask(mute: Deployment) -> None:
    mute.create()
    mute.clock.advance(86_400_000)

    with pytest.raises(Refused):
        sweep(mute.dependencies, mute.clock.now() + 50_000)


def test_only_the_sweep_and_the_helper_ask_for_steps_themselves() -> None:
    asking = {
        path.name
        for path in USE_CASES.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "request"
        and ast.unparse(node.value).endswith("steps")
    }
    assert asking == {"request_step.py", "sweep.py"}
