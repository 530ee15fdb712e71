"""A step whose message waits in the backlog of its queue is not requested again too soon."""

from __future__ import annotations

import pytest

from liveproof.domain.states import Status, Step
from liveproof.use_cases import sweep as sweep_module
from liveproof.use_cases.sweep import GRACE_MS, sweep
from tests.support.crash_points import Failed
from tests.support.deployment import Deployment
from tests.support.verifications import verification

CHECKS = (Step.RUN_CHECK, "reflect")
DELIVERIES = (Step.DELIVER_RESULT, None)
UPLOADS = (Step.VERIFY_UPLOAD, None)
QUEUES = {
    Status.READY: CHECKS,
    Status.CHECKING: CHECKS,
    Status.HELD: CHECKS,
    Status.DECIDED: DELIVERIES,
    Status.AWAITING_UPLOAD: UPLOADS,
}


@pytest.mark.parametrize(
    ("status", "patience_minutes"),
    [(Status.READY, 60), (Status.CHECKING, 60), (Status.DECIDED, 15)],
)
def test_a_step_that_may_wait_in_a_backlog_is_left_alone_for_a_time(
    deployment: Deployment, status: Status, patience_minutes: int
) -> None:
    deployment.steps.backlogs = {QUEUES[status]}
    now = deployment.clock.now()
    patience_ms = patience_minutes * 60_000
    young, old = (
        deployment.records.save(verification(id=f"ver_{number:026d}", status=status, due_at=due_at))
        for number, due_at in enumerate((now - patience_ms, now - patience_ms - 1))
    )
    row = deployment.records.rows[young.id]

    assert sweep(deployment.dependencies, now + 50_000) == 1

    assert [one.id for one in deployment.steps.requests] == [old.id]
    assert deployment.records.rows[young.id] == row


def test_a_lost_message_is_sent_again_when_the_backlog_is_over(deployment: Deployment) -> None:
    now = deployment.clock.now()
    deployment.records.save(verification(status=Status.READY, due_at=now - GRACE_MS))
    deployment.steps.backlogs = {CHECKS}
    assert sweep(deployment.dependencies, now + 50_000) == 0

    deployment.steps.backlogs = set()
    assert sweep(deployment.dependencies, now + 50_000) == 1


@pytest.mark.parametrize("status", [Status.AWAITING_UPLOAD, Status.HELD])
def test_a_step_that_only_the_sweep_requests_is_requested_despite_a_backlog(
    deployment: Deployment, status: Status
) -> None:
    deployment.steps.backlogs = {QUEUES[status]}
    now = deployment.clock.now()
    entry = deployment.records.save(verification(status=status, due_at=now - GRACE_MS))

    assert sweep(deployment.dependencies, now + 50_000) == 1
    row = deployment.records.rows[entry.id]
    assert row.due_at == now + 5 * 60_000  # its message takes its turn


def test_another_queues_backlog_delays_nothing(deployment: Deployment) -> None:
    deployment.steps.backlogs = {(Step.RUN_CHECK, "photo"), DELIVERIES, UPLOADS}
    now = deployment.clock.now()
    deployment.records.save(verification(status=Status.READY, due_at=now - GRACE_MS))

    assert sweep(deployment.dependencies, now + 50_000) == 1


def test_those_that_wait_in_a_queue_use_up_nothing_of_the_sweeps_limit(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "LIMIT", 2)
    deployment.steps.backlogs = {CHECKS}
    now = deployment.clock.now()
    for number in range(5):
        deployment.records.save(
            verification(id=f"ver_{number:026d}", status=Status.READY, due_at=now - 60_000)
        )
    late = deployment.records.save(
        verification(id=f"ver_{9:026d}", status=Status.DECIDED, due_at=now - GRACE_MS)
    )

    assert sweep(deployment.dependencies, now + 50_000) == 1
    assert [one.id for one in deployment.steps.requests] == [late.id]


def test_a_queue_is_asked_once_in_a_sweep(deployment: Deployment) -> None:
    now = deployment.clock.now()
    for number in range(5):
        deployment.records.save(
            verification(id=f"ver_{number:026d}", status=Status.READY, due_at=now - 60_000)
        )
    deployment.crash_points.arm()

    assert sweep(deployment.dependencies, now + 50_000) == 5
    assert deployment.crash_points.moments.count("before steps.has_backlog") == 1


def test_a_queue_that_does_not_answer_is_taken_for_empty(deployment: Deployment) -> None:
    now = deployment.clock.now()
    deployment.records.save(verification(status=Status.READY, due_at=now - GRACE_MS))
    deployment.crash_points.arm("before steps.has_backlog", by=Failed)

    assert sweep(deployment.dependencies, now + 50_000) == 1


def test_a_step_in_a_backlog_is_not_reported_as_stuck(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    deployment.steps.backlogs = {UPLOADS}
    deployment.records.save(verification(due_at=deployment.clock.now() - GRACE_MS))
    for _ in range(60):
        sweep(deployment.dependencies, deployment.clock.now() + 50_000)
        deployment.clock.advance(60_000)

    assert len(deployment.steps.requests) == 5
    assert "STEP_STUCK" not in caplog.text
