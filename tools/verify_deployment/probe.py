"""What a probe is, and what one may come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tools.demo.user_files import UserFiles
from tools.verify_deployment.budget import Budget
from tools.verify_deployment.deployment import Deployment


class Verdict(str, Enum):
    """What a probe says of the assumptions that name it."""

    HELD = "held"
    DID_NOT_HOLD = "did not hold"
    NOT_RUN = "not run"


class DidNotHold(Exception):
    """An assumption is wrong there; the text says what was seen, without secrets and URLs."""


class NotRun(Exception):
    """The probe could not be run; the text says what it needs."""


@dataclass(frozen=True)
class Context:
    """What a probe works with."""

    deployment: Deployment
    files: UserFiles
    budget: Budget


@dataclass(frozen=True)
class Probe:
    """One probe.

    Attributes:
        name: as docs/unconfirmed.md names it.
        does: for people, in one sentence.
        run: returns what was seen. Raises DidNotHold or NotRun.
        clouds: where its assumptions are made.
    """

    name: str
    does: str
    run: Callable[[Context], str]
    clouds: tuple[str, ...] = ("aws", "tencent")


@dataclass(frozen=True)
class Outcome:
    """What a probe came to; `seen` holds neither secrets nor URLs."""

    probe: str
    does: str
    verdict: Verdict
    seen: str
    seconds: float


def require(holds: bool, seen: str) -> None:
    """Raises DidNotHold with what was seen, unless it holds."""
    if not holds:
        raise DidNotHold(seen)
