"""Which verification a redo made."""

from __future__ import annotations

import pytest

from liveproof.domain.redo import redone_as
from liveproof.domain.verification import Intervention, InterventionKind
from tests.support.verifications import NOW

HOLD, RELEASE, REDO, RESEND, ERASE = (
    InterventionKind.HOLD,
    InterventionKind.RELEASE,
    InterventionKind.REDO,
    InterventionKind.RESEND,
    InterventionKind.ERASE,
)


def act(kind: InterventionKind, outcome: str | None = None) -> Intervention:
    return Intervention(at=NOW, kind=kind, by="ana", why="ticket 7", outcome=outcome)


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
