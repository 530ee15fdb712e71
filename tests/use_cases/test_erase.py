"""Erasing a verification: in every state, whatever happens at the same time."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof import observability
from liveproof.domain.audit import first_fault
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.ledger import CallOutcome, CallState
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.observability import Event
from liveproof.use_cases.erase import erase, prefixes_of
from liveproof.use_cases.errors import InvalidState, NotFound
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.resend_result import resend_result
from liveproof.use_cases.verify_upload import object_created
from liveproof.vendors.errors import OutcomeUnknown
from tests.support.checks import answer
from tests.support.crash_points import Failed, Killed
from tests.support.deployment import CLIENT, FILES, IMAGE, WEBHOOK_SECRET, Deployment

PERSONAL: dict[str, Any] = {
    "reference": "jane.doe@example.com",
    "metadata": {"name": "Jane Doe"},
    "consent_reference": "consent-of-jane",
}
MINUTE_MS = 60_000


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


def request(deployment: Deployment, verification: Verification) -> Verification:
    return request_erasure(deployment.dependencies, CLIENT, verification.id)


def ignore(answer: object) -> None:
    """For a moment at which something is done whose answer does not matter."""


def run_steps(deployment: Deployment) -> None:
    """What was asked for, and what that asks for; no time passes."""
    while requests := deployment.steps.take():
        for one in requests:
            deployment.perform(one)


def webhooks(deployment: Deployment) -> list[dict[str, Any]]:
    return [sent.opened_with(WEBHOOK_SECRET) for sent in deployment.endpoint.delivered]


def decided(deployment: Deployment) -> Verification:
    verification = deployment.ready(**PERSONAL)
    return deployment.run_check(verification)


def require_erased(deployment: Deployment, verification: Verification) -> Verification:
    """The tombstone, once nothing of the verification is anywhere."""
    erased = deployment.load(verification.id)
    assert (erased.status, erased.due_at) == (Status.ERASED, None)
    assert erased.erasure is not None
    assert (erased.erasure.erased_at, erased.erasure.look_at) != (None, not None)
    assert [key for key in deployment.bucket.objects if verification.id in key] == []
    stored = deployment.records.stored[verification.id].decode()
    assert "jane" not in stored.lower()
    for declared in verification.inputs.values():
        assert declared.md5 not in stored
    assert webhooks(deployment)[-1]["type"] == "verification.erased"
    assert first_fault(erased) is None
    return erased


def test_the_personal_fields_go_with_the_request_and_the_files_with_the_step(
    deployment: Deployment,
) -> None:
    before = decided(deployment)
    deployment.bucket.objects[f"evidence/passed/{before.id}/best_frame.jpg"] = IMAGE
    deployment.settle()

    requested = request(deployment, before)

    assert requested.status is Status.ERASING
    assert (requested.reference, requested.metadata, requested.inputs) == (None, {}, {})
    deployment.settle()
    erased = require_erased(deployment, before)
    assert erased.erasure is not None
    assert erased.erasure.objects == len(FILES) + 1


def test_the_tombstone_keeps_what_was_decided_and_what_it_cost(deployment: Deployment) -> None:
    before = decided(deployment)
    deployment.settle()
    request(deployment, before)
    deployment.settle()

    after = deployment.load(before.id)

    assert (after.id, after.client, after.check, after.region) == (
        before.id, before.client, before.check, before.region,
    )  # fmt: skip
    assert after.created_at == before.created_at
    assert before.verdict is not None
    assert after.verdict is not None
    assert (after.verdict.decision, after.verdict.reason) == (
        before.verdict.decision,
        before.verdict.reason,
    )
    assert after.verdict.scores == {}
    (call,), (kept,) = before.calls, after.calls
    assert (kept.action, kept.request_id, kept.billable, kept.called_at, kept.settled_at) == (
        call.action, call.request_id, call.billable, call.called_at, call.settled_at,
    )  # fmt: skip
    assert kept.score is None


def test_the_webhook_says_what_was_erased_and_nothing_of_the_person(
    deployment: Deployment,
) -> None:
    before = decided(deployment)
    deployment.settle()
    request(deployment, before)
    deployment.settle()

    first, second = webhooks(deployment)

    assert first["data"]["reference"] == PERSONAL["reference"]
    assert second["type"] == "verification.erased"
    assert second["data"]["id"] == before.id
    assert (second["data"]["reference"], second["data"]["metadata"]) == (None, {})
    assert (second["data"]["decision"], second["data"]["scores"]) == ("passed", {})
    assert (first["data"]["sequence"], second["data"]["sequence"]) == (1, 2)
    ids = [sent.headers["webhook-id"] for sent in deployment.endpoint.delivered]
    assert ids[0] != ids[1]


def test_a_second_request_changes_nothing(deployment: Deployment) -> None:
    before = decided(deployment)
    first = request(deployment, before)

    assert request(deployment, before) == first
    deployment.settle()
    erased = deployment.load(before.id)
    assert request(deployment, before) == erased
    assert deployment.steps.take() == []
    assert [sent["type"] for sent in webhooks(deployment)] == ["verification.erased"]


def test_another_clients_verification_is_not_found(deployment: Deployment) -> None:
    before = decided(deployment)

    with pytest.raises(NotFound):
        request_erasure(deployment.dependencies, "another", before.id)

    assert deployment.load(before.id) == before


def test_an_erased_verification_cannot_be_sent_again_or_uploaded_to(
    deployment: Deployment,
) -> None:
    before = deployment.create()
    request(deployment, before)

    for ask in (resend_result, renew_uploads):
        with pytest.raises(InvalidState, match="erased"):
            ask(deployment.dependencies, CLIENT, before.id)


@pytest.mark.parametrize("uploads", [0, 1, 2])
def test_no_call_follows_whatever_was_uploaded(deployment: Deployment, uploads: int) -> None:
    before = deployment.create(**PERSONAL)
    for name in list(FILES)[:uploads]:
        deployment.upload(before, name)
    request(deployment, before)

    deployment.settle()

    require_erased(deployment, before)
    assert deployment.check.judged == []


def test_a_file_that_comes_after_the_erasure_is_deleted(deployment: Deployment) -> None:
    before = deployment.create(**PERSONAL)
    keys = [declared.keys[-1] for declared in before.inputs.values()]
    request(deployment, before)
    run_steps(deployment)
    deployment.bucket.objects[keys[0]] = IMAGE

    object_created(deployment.dependencies, keys[0])
    run_steps(deployment)

    assert deployment.bucket.objects == {}
    # Of a second one no event tells.
    deployment.bucket.objects[keys[1]] = IMAGE
    deployment.settle()
    require_erased(deployment, before)
    assert len(deployment.endpoint.delivered) == 1


def test_a_held_verification_is_erased_and_never_called_for(deployment: Deployment) -> None:
    deployment = Deployment(unknown_outcome="hold")
    deployment.check.script = [OutcomeUnknown("no_answer")]
    before = deployment.run_check(deployment.ready(**PERSONAL))
    assert before.status is Status.HELD
    request(deployment, before)

    deployment.settle()

    erased = require_erased(deployment, before)
    assert [call.outcome for call in erased.calls] == [CallOutcome.UNKNOWN]


def test_a_call_under_way_ends_first_and_its_outcome_is_recorded(deployment: Deployment) -> None:
    before = deployment.ready(**PERSONAL)
    deployment.check.during_call = lambda: ignore(request(deployment, before))

    deployment.run_check(before)

    erasing = deployment.load(before.id)
    assert erasing.status is Status.ERASING
    (call,) = erasing.calls
    assert (call.state, call.outcome, call.score) == (CallState.SETTLED, CallOutcome.ANSWERED, None)
    assert call.billable == "yes"
    deployment.settle()
    require_erased(deployment, before)
    assert len(deployment.check.judged) == 1


def test_the_ledger_keeps_the_call_before_the_one_that_ends_during_the_erasure(
    deployment: Deployment,
) -> None:
    deployment.check.script = [OutcomeUnknown("no_answer"), answer()]
    before = deployment.run_check(deployment.ready(**PERSONAL))
    deployment.clock.sleep_until(before.due_at or 0)
    deployment.check.during_call = lambda: ignore(request(deployment, before))

    deployment.run_check(before)

    erasing = deployment.load(before.id)
    assert [(call.number, call.outcome) for call in erasing.calls] == [
        (1, CallOutcome.UNKNOWN),
        (2, CallOutcome.ANSWERED),
    ]


def test_a_bill_that_comes_during_the_erasure_is_logged_once(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[object] = []

    def record(event: Event, **fields: object) -> None:
        if event is Event.CALL_SETTLED:
            settled.append(fields["billable"])

    monkeypatch.setattr(observability, "record", record)
    before = deployment.ready(**PERSONAL)
    deployment.check.during_call = lambda: ignore(request(deployment, before))

    deployment.run_check(before)

    assert settled == ["yes"]


def test_a_call_whose_function_dies_is_recorded_as_unknown(deployment: Deployment) -> None:
    before = deployment.ready(**PERSONAL)

    def die() -> None:
        request(deployment, before)
        raise Killed("in the call")

    deployment.check.during_call = die
    with pytest.raises(Killed):
        deployment.run_check(before)
    deployment.check.during_call = lambda: None
    requested_at = deployment.clock.now()

    deployment.settle()

    erased = require_erased(deployment, before)
    assert [call.outcome for call in erased.calls] == [CallOutcome.UNKNOWN]
    assert erased.erasure is not None
    assert erased.erasure.erased_at is not None
    assert erased.erasure.erased_at >= requested_at + 2 * MINUTE_MS  # not while it may be answered


def test_a_call_that_is_only_intended_is_not_made(deployment: Deployment) -> None:
    before = deployment.ready(**PERSONAL)
    deployment.check.at_preparation = lambda: ignore(request(deployment, before))

    deployment.run_check(before)

    deployment.settle()
    require_erased(deployment, before)
    assert deployment.check.judged == []


def test_the_decisions_webhook_is_not_sent_after_the_request(deployment: Deployment) -> None:
    before = decided(deployment)
    request(deployment, before)

    deployment.settle()

    assert [sent["type"] for sent in webhooks(deployment)] == ["verification.erased"]


def test_a_bucket_that_fails_is_asked_again_until_it_is_done(deployment: Deployment) -> None:
    before = decided(deployment)
    deployment.crash_points.arm(*["before bucket.versions"] * 5, by=Failed)
    request(deployment, before)

    deployment.settle()

    assert deployment.crash_points.moments.count("before bucket.versions") > 5
    require_erased(deployment, before)


@pytest.mark.parametrize("state", list(DeliveryState))
def test_an_endpoint_that_is_down_does_not_hold_the_last_look_up_for_ever(
    deployment: Deployment, state: DeliveryState
) -> None:
    before = decided(deployment)
    if state is not DeliveryState.DELIVERED:
        refused = WebhookResponse(500, None, 12)
        accepted = WebhookResponse(204, None, 12)
        times = 3 if state is DeliveryState.PENDING else 30
        deployment.endpoint.script = [*[refused] * times, accepted]
    request(deployment, before)

    deployment.settle(rounds=3_000)

    erased = deployment.load(before.id)
    assert (erased.status, erased.due_at) == (Status.ERASED, None)
    assert erased.erasure is not None
    assert erased.erasure.look_at is None


def test_the_last_look_requests_no_webhook_that_was_delivered(deployment: Deployment) -> None:
    before = decided(deployment)
    request(deployment, before)
    run_steps(deployment)
    erased = deployment.load(before.id)
    assert erased.delivery is not None
    assert erased.delivery.state is DeliveryState.DELIVERED
    assert erased.due_at is not None
    deployment.clock.sleep_until(erased.due_at)

    erase(deployment.dependencies, before.id, deployment.clock.now() + MINUTE_MS)

    require_erased(deployment, before)
    assert deployment.steps.take() == []


def test_only_files_of_the_verification_and_of_the_one_it_redid_are_deleted() -> None:
    assert all("/ver_2/" in prefix for prefix in prefixes_of("ver_2"))
    assert {"uploads/ver_1/", "uploads/ver_2/"} <= set(prefixes_of("ver_2", "ver_1"))
    assert "evidence/passed/ver_1/" not in prefixes_of("ver_2", "ver_1")
