"""How much the suites repeat: enough to notice in the gate, everything on request."""

from __future__ import annotations

import os

WHOLE = bool(os.environ.get("LIVEPROOF_WHOLE_ATTACK"))
"""Whether everything is tried: every moment of a way, every example of a property."""


def examples(gate: int, whole: int) -> int:
    """How many examples of a property are drawn."""
    return whole if WHOLE else gate
