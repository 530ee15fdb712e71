"""What a probe finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """How something is. Values are part of the output."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    COULD_NOT_ASK = "could_not_ask"


@dataclass(frozen=True)
class Finding:
    """What a probe found.

    Attributes:
        says: what is so, in one sentence.
        mend: what to do next, in one sentence; empty if nothing is amiss.
    """

    verdict: Verdict
    says: str
    mend: str = ""


def ok(says: str) -> Finding:
    """Nothing is amiss."""
    return Finding(Verdict.OK, says)


def warning(says: str, mend: str) -> Finding:
    """Something may become a fault, or is one of a client's."""
    return Finding(Verdict.WARNING, says, mend)


def failed(says: str, mend: str) -> Finding:
    """Something does not work."""
    return Finding(Verdict.FAILED, says, mend)


def could_not_ask(says: str, mend: str) -> Finding:
    """Nobody knows."""
    return Finding(Verdict.COULD_NOT_ASK, says, mend)
