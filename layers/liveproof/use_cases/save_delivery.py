"""Saving what became of a delivery although somebody else changed its verification meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from liveproof.dependencies import Dependencies
from liveproof.domain.delivery_transitions import former_attempt_recorded
from liveproof.domain.verification import Attempt, Delivery, Verification
from liveproof.ports import Conflict

Transition = Callable[[Verification], Verification]

_SAVE_TRIES = 10


def save_delivery(
    dependencies: Dependencies, before: Verification, transition: Transition
) -> Verification:
    """Save a change of a delivery or of its manifest.

    Others may save something at any time that does not concern this delivery: a late upload's
    signal, an operator's redo, an attempt of the delivery before. They must not make a step lose
    its work, such as the record of a webhook that was sent, or the hash of a manifest.

    Args:
        before: as it is stored, or was.
        transition: makes of the stored verification what is to be saved.

    Raises:
        Conflict: somebody else has changed the delivery, or its verification again and again.
    """
    for left in reversed(range(_SAVE_TRIES)):
        try:
            return dependencies.records.save(transition(before))
        except Conflict:
            stored = dependencies.records.load(before.id)
            if left == 0 or stored is None or not _has_the_same_delivery(stored, before):
                raise
            before = stored
    raise AssertionError("the last try returns or raises")


def save_attempt(
    dependencies: Dependencies, before: Verification, transition: Transition
) -> Verification:
    """Save an attempt that was made. If its client asked for the webhook again during the attempt,
    the log has it all the same."""
    try:
        return save_delivery(dependencies, before, transition)
    except Conflict:
        after = transition(before).delivery
        if after is not None:
            _log_former(dependencies, before.id, after.log[-1])
        raise


def _log_former(dependencies: Dependencies, verification_id: str, entry: Attempt) -> None:
    """Keep an attempt of a delivery that was replaced. Raises Conflict."""
    for left in reversed(range(_SAVE_TRIES)):
        stored = dependencies.records.load(verification_id)
        # An erased verification's log has nothing of the decision's webhook.
        if stored is None or stored.erasure is not None or stored.delivery is None:
            return
        if stored.delivery.number <= entry.delivery:
            return
        try:
            dependencies.records.save(former_attempt_recorded(stored, entry))
        except Conflict:
            if left == 0:
                raise
        else:
            return


def _has_the_same_delivery(stored: Verification, before: Verification) -> bool:
    """Whether another change was saved, and it left the delivery and its due time as they were."""
    return (
        stored.version != before.version
        and stored.due_at == before.due_at
        and stored.erasure == before.erasure
        and _without_log(stored.delivery) == _without_log(before.delivery)
    )


def _without_log(delivery: Delivery | None) -> Delivery | None:
    return None if delivery is None else replace(delivery, log=(), dropped=0)
