"""A change of a delivery is saved although an upload was counted meanwhile."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain import signals
from liveproof.domain.signals import Signal
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict
from liveproof.use_cases.save_delivery import save_delivery
from tests.support.deployment import Deployment


def decided(deployment: Deployment) -> Verification:
    return deployment.run_check(deployment.ready())


def postponed(verification: Verification) -> Verification:
    return replace(verification, due_at=1)


def test_a_signal_that_came_first_is_kept(deployment: Deployment) -> None:
    before = decided(deployment)
    counted = signals.counted(before, Signal.UPLOAD_AFTER_DECISION)
    deployment.records.save(counted)

    saved = save_delivery(deployment.dependencies, before, postponed)

    assert saved == deployment.load(before.id)
    assert (saved.due_at, saved.signals) == (1, counted.signals)


def test_another_change_that_came_first_is_a_conflict(deployment: Deployment) -> None:
    before = decided(deployment)
    other = deployment.records.save(replace(before, due_at=2))

    with pytest.raises(Conflict):
        save_delivery(deployment.dependencies, before, postponed)
    assert deployment.load(before.id) == other


def test_a_record_that_is_gone_is_a_conflict(deployment: Deployment) -> None:
    before = decided(deployment)
    deployment.records.stored.clear()

    with pytest.raises(Conflict):
        save_delivery(deployment.dependencies, before, postponed)


def test_a_conflict_over_nothing_is_not_tried_again(deployment: Deployment) -> None:
    before = decided(deployment)
    deployment.records.conflicts_to_come = 1

    with pytest.raises(Conflict):
        save_delivery(deployment.dependencies, before, postponed)
    assert deployment.load(before.id) == before


@pytest.mark.parametrize(("more", "is_saved"), [(0, True), (1, True), (2, True), (99, False)])
def test_signals_that_are_counted_again_and_again_meanwhile_are_kept(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, more: int, is_saved: bool
) -> None:
    """Of two, the second took the record of a webhook that was sent: it was sent again."""
    before = decided(deployment)
    load, left = deployment.records.load, [None] * more

    def count() -> None:
        stored = deployment.records.peek(before.id)
        deployment.records.save(signals.counted(stored, Signal.UPLOAD_AFTER_DECISION))

    def and_count(verification_id: str) -> Verification | None:
        stored = load(verification_id)
        if left:
            left.pop()
            count()
        return stored

    count()
    monkeypatch.setattr(deployment.records, "load", and_count)

    def save() -> Verification:
        return save_delivery(deployment.dependencies, before, postponed)

    if is_saved:
        assert save().signals == {"upload_after_decision": more + 1}
        assert deployment.records.peek(before.id).due_at == 1
    else:
        with pytest.raises(Conflict):
            save()
        assert left
