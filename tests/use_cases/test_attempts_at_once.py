"""Attempts whose verification is changed by somebody else while the endpoint answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from liveproof.domain import signals
from liveproof.domain.audit import first_fault
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.delivery_transitions import delivery_leased
from liveproof.domain.endpoint_health import Health
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.signals import Signal
from liveproof.domain.verification import Decision, DeliveryState, Verification
from liveproof.ports import Conflict
from liveproof.use_cases.resend_result import resend_result
from liveproof.use_cases.save_delivery import save_delivery
from liveproof.use_cases.verify_upload import object_created
from liveproof.vendors.errors import VendorRefused
from liveproof_cli.operations import Operations, Operator
from tests.support.deliveries import SERVER_ERROR, decided
from tests.support.deployment import CLIENT, Deployment, verdict_code
from tests.support.interleaved import Function, pause

ACCEPTED = WebhookResponse(204, None, 12)


def well() -> Endpoint:
    """An endpoint that takes several attempts at once."""
    return Endpoint(health=Health(accepts=True))


def attempts(entry: Verification) -> list[tuple[int, int | None, int | None]]:
    """Delivery, number and status of what the log has."""
    assert entry.delivery is not None
    return [(one.delivery, one.number, one.status) for one in entry.delivery.log]


@pytest.fixture
def answering(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Each function waits for the endpoint's answer until it is told to go on."""
    send = deployment.endpoint.send

    def slowly(*arguments: object) -> WebhookResponse:
        answer = send(*arguments)  # type: ignore[arg-type]
        pause()
        return answer

    monkeypatch.setattr(deployment.endpoint, "send", slowly)
    return deployment


@pytest.mark.parametrize("first", [ACCEPTED, SERVER_ERROR])
def test_a_slow_attempt_that_ends_during_the_next_delivery_takes_nothing_from_it(
    answering: Deployment, first: WebhookResponse
) -> None:
    entry = answering.run_check(answering.ready())
    answering.endpoint.script = [first, ACCEPTED]
    answering.endpoints.rows[CLIENT] = well()
    slow = Function(partial(answering.deliver, entry))
    slow.step()
    resend_result(answering.dependencies, CLIENT, entry.id)
    quick = Function(partial(answering.deliver, entry))
    quick.step()
    for function in (slow, quick):
        function.step()
        assert function.has_ended

    after = answering.load(entry.id)
    assert attempts(after) == [(1, 1, first.status), (2, 1, 204)]
    assert after.delivery is not None
    assert after.delivery.state is DeliveryState.DELIVERED
    answering.settle()
    assert len(answering.endpoint.delivered) == 2


def nothing(deployment: Deployment, entry: Verification) -> None:
    """The control."""


def a_redo(deployment: Deployment, entry: Verification) -> None:
    Operations(deployment.records, deployment.clock, Operator("ops", "repaired")).redo(entry.id)


def late_uploads(deployment: Deployment, entry: Verification) -> None:
    for token in ("a", "b"):
        object_created(deployment.dependencies, f"uploads/{entry.id}/image/{token}")


@pytest.mark.parametrize("meanwhile", [nothing, a_redo, late_uploads])
@pytest.mark.parametrize("answer", [ACCEPTED, SERVER_ERROR])
def test_what_does_not_concern_a_delivery_takes_no_attempt_from_it(
    answering: Deployment,
    answer: WebhookResponse,
    meanwhile: Callable[[Deployment, Verification], None],
) -> None:
    answering.check.prepare_fails = [VendorRefused("Never.Heard", "request-9")]
    entry = answering.run_check(answering.ready())
    assert verdict_code(entry)[0] is Decision.ERROR
    answering.endpoint.script = [answer]
    attempt = Function(partial(answering.deliver, entry))
    attempt.step()
    meanwhile(answering, entry)
    attempt.step()

    assert attempt.has_ended
    after = answering.load(entry.id)
    assert attempts(after) == [(1, 1, answer.status)]
    assert first_fault(after) is None


def test_another_change_of_the_delivery_comes_first(deployment: Deployment) -> None:
    entry = decided(deployment)
    other = deployment.records.save(replace(entry, due_at=(entry.due_at or 0) + 1))

    with pytest.raises(Conflict):
        save_delivery(deployment.dependencies, entry, leased)
    assert deployment.load(entry.id) == other


def test_a_conflict_over_nothing_and_a_record_that_is_gone_are_conflicts(
    deployment: Deployment,
) -> None:
    entry = decided(deployment)
    for prepare in (1, 0):
        deployment.records.conflicts_to_come = prepare
        if not prepare:
            deployment.records.stored.clear()
        with pytest.raises(Conflict):
            save_delivery(deployment.dependencies, entry, leased)


def test_a_verification_that_changes_again_and_again_is_a_conflict(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = decided(deployment)
    load = deployment.records.load

    def and_count(verification_id: str) -> Verification | None:
        stored = load(verification_id)
        deployment.records.save(
            signals.counted(deployment.load(entry.id), Signal.UPLOAD_AFTER_DECISION)
        )
        return stored

    late_uploads(deployment, entry)
    monkeypatch.setattr(deployment.records, "load", and_count)

    with pytest.raises(Conflict):
        save_delivery(deployment.dependencies, entry, leased)


def leased(verification: Verification) -> Verification:
    return delivery_leased(verification, (verification.due_at or 0) + 1)
