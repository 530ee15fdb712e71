"""A probe, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveproof_cli.doctor.examination import Examination


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


@dataclass(frozen=True)
class Probe:
    """One question to a deployment.

    Attributes:
        name: for `--only`.
        asks: the question.
        examine: its findings; whatever it raises is a finding, too.
        clouds: where it can be asked.
    """

    name: str
    asks: str
    examine: Callable[[Examination], Iterable[Finding]]
    clouds: tuple[str, ...] = ("aws", "tencent")

    @property
    def page(self) -> str:
        """What to read about it."""
        return f"docs/doctor.md#{self.name}"


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
