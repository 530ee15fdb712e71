"""What a redo makes of a verification, and which one it made."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.redo import FILES_ARE_GONE, NotRedoable, redone, redone_as
from liveproof.domain.states import Status
from liveproof.domain.verification import (
    Decision,
    Input,
    InputState,
    Intervention,
    InterventionKind,
    Reason,
    Verification,
)
from tests.support.verifications import NOW, PROOF, settled, verdict, verification

HOLD, RELEASE, REDO, RESEND, ERASE = (
    InterventionKind.HOLD,
    InterventionKind.RELEASE,
    InterventionKind.REDO,
    InterventionKind.RESEND,
    InterventionKind.ERASE,
)


def act(kind: InterventionKind, outcome: str | None = None) -> Intervention:
    return Intervention(at=NOW, kind=kind, by="ana", why="ticket 7", outcome=outcome)


def ended(decision: Decision = Decision.ERROR, **changes: object) -> Verification:
    """It made all its attempts, and ended so."""
    tired = replace(
        settled(CallOutcome.NOT_EXECUTED), runs=9, vendor_failures=40, vendor_waited_ms=7_200_000
    )
    return replace(lifecycle.decided(tired, verdict(decision)), **changes)


def with_image(**changes: object) -> Verification:
    """One whose input `image` has these fields."""
    entry = ended()
    image: Input = replace(entry.inputs["image"], **changes)
    return replace(entry, inputs={**entry.inputs, "image": image})


def test_a_redo_begins_anew_with_the_same_time_and_all_attempts() -> None:
    entry = ended()
    later = replace(act(REDO), at=NOW + 86_400_000)

    new = redone(entry, "ver_new", later)

    assert (new.status, new.version, new.calls, new.verdict) == (Status.READY, 0, (), None)
    assert new.created_at == new.ready_at == new.due_at == NOW + 86_400_000
    assert new.expires_at - new.created_at == entry.expires_at - entry.created_at == 900_000
    assert (new.runs, new.vendor_failures, new.vendor_waited_ms) == (0, 0, 0)


def test_a_redo_reads_the_object_that_was_proven_and_no_other() -> None:
    entry = with_image(keys=("uploads/1", "uploads/2", "uploads/3"), proven_key="uploads/2")

    image = redone(entry, "ver_new", act(REDO)).inputs["image"]

    assert (image.keys, image.proven_key, image.proof) == (("uploads/2",), "uploads/2", PROOF)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        *((verification(status=status), f"is {status.value}") for status in Status if status in (
            Status.AWAITING_UPLOAD, Status.READY, Status.CHECKING, Status.HELD
        )),
        *((ended(decision), f"ended as {decision.value}") for decision in Decision if (
            decision is not Decision.ERROR
        )),
        (with_image(state=InputState.MISSING), "never had its input image proven"),
        (with_image(proof=None), "never had its input image proven"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_nothing_else_is_redone_than_what_ended_as_error_with_proven_files(
    entry: Verification, why: str
) -> None:
    with pytest.raises(NotRedoable, match=why):
        redone(entry, "ver_new", act(REDO))


@pytest.mark.parametrize("code", sorted(FILES_ARE_GONE))
def test_nothing_is_redone_whose_files_are_gone(code: str) -> None:
    gone = replace(verdict(Decision.ERROR), reason=Reason(code=code, message="gone"))

    with pytest.raises(NotRedoable, match=f"its files are gone \\({code}\\)"):
        redone(ended(verdict=gone), "ver_new", act(REDO))


@pytest.mark.parametrize(
    ("acts", "new_id"),
    [
        ((), None),
        ((act(HOLD), act(RELEASE)), None),
        ((act(HOLD), act(REDO, "ver_2")), "ver_2"),
        ((act(REDO, "ver_2"), act(REDO, "ver_3")), "ver_3"),
        ((act(REDO, "ver_2"), act(RESEND), act(ERASE)), "ver_2"),
    ],
)
def test_the_last_redo_is_found_whatever_else_an_operator_did(
    acts: tuple[Intervention, ...], new_id: str | None
) -> None:
    """An operator who redoes it once more is told of the verification that is there already."""
    assert redone_as(acts) == new_id
