"""The states of a verification and their allowed successors: one table.

The table drives the code (`require_successor`), the store's write condition (`allowed_before`), the
sweep (`State.step`), the HTTP API's enum and the generated docs page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(str, Enum):
    """Where a verification stands. Values are part of the HTTP API."""

    AWAITING_UPLOAD = "awaiting_upload"
    READY = "ready"
    CHECKING = "checking"
    HELD = "held"
    DECIDED = "decided"
    ERASING = "erasing"
    ERASED = "erased"


class Step(str, Enum):
    """The function that moves a verification on. Values are the functions' names."""

    VERIFY_UPLOAD = "verify_upload"
    RUN_CHECK = "run_check"
    DELIVER_RESULT = "deliver_result"
    ERASE = "erase"


@dataclass(frozen=True)
class State:
    """One row of the table.

    Attributes:
        meaning: what the state says about a verification, for the docs.
        step: the step that `sweep` runs when a verification in this state is due.
        successors: the states that may follow. Staying in a state is always allowed.
        also: other steps that may be due in it.
    """

    meaning: str
    step: Step
    successors: tuple[Status, ...]
    also: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step that `sweep` requests: only those that are due do anything."""
        return (self.step, *self.also)


STATES: dict[Status, State] = {
    Status.AWAITING_UPLOAD: State(
        meaning="At least one input has not been proven yet.",
        step=Step.VERIFY_UPLOAD,
        successors=(Status.READY, Status.DECIDED, Status.ERASING),
    ),
    Status.READY: State(
        meaning="Every input is proven; no call has been intended.",
        step=Step.RUN_CHECK,
        successors=(Status.CHECKING, Status.HELD, Status.DECIDED, Status.ERASING),
    ),
    Status.CHECKING: State(
        meaning="The ledger has a call: intended, sent or settled.",
        step=Step.RUN_CHECK,
        successors=(Status.HELD, Status.DECIDED, Status.ERASING),
    ),
    Status.HELD: State(
        meaning="An operator decides whether a call is made: the outcome of one is unknown, or an"
        " operator stopped the check.",
        step=Step.RUN_CHECK,
        successors=(Status.READY, Status.CHECKING, Status.DECIDED, Status.ERASING),
    ),
    Status.DECIDED: State(
        meaning="The decision is final; its webhook is pending, delivered or exhausted.",
        step=Step.DELIVER_RESULT,
        successors=(Status.ERASING,),
    ),
    Status.ERASING: State(
        meaning="Somebody asked for its erasure: its personal fields are gone, its files are being"
        " deleted.",
        step=Step.ERASE,
        successors=(Status.ERASED,),
    ),
    Status.ERASED: State(
        meaning="Its files are deleted; the webhook that says so is pending, delivered or"
        " exhausted.",
        step=Step.DELIVER_RESULT,
        successors=(),
        also=(Step.ERASE,),
    ),
}

FIRST = Status.AWAITING_UPLOAD


class ForbiddenTransition(Exception):
    """The state table does not allow this change; the code that asked for it is wrong."""

    def __init__(self, before: Status, after: Status) -> None:
        super().__init__(f"a verification that is {before.value} cannot become {after.value}")


def require_successor(before: Status, after: Status) -> None:
    """Raise `ForbiddenTransition` unless `after` may follow `before`."""
    if after is not before and after not in STATES[before].successors:
        raise ForbiddenTransition(before, after)


def parse_status(text: str | None) -> Status | None:
    """The state that a stored text names; None for a state that this version does not have."""
    return next((status for status in Status if status.value == text), None)


def allowed_before(after: Status) -> tuple[Status, ...]:
    """The states that a stored verification may have when it is overwritten by one in `after`."""
    return tuple(
        status for status, state in STATES.items() if status is after or after in state.successors
    )
