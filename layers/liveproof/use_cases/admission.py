"""A limit of verifications that are worked on at once, so that the others wait before their run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.lease import lease_until
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.use_cases.request_step import request_step


@contextmanager
def admission(
    dependencies: Dependencies, verification: Verification, deadline: int
) -> Iterator[bool]:
    """Whether the verification may be worked on now; if not, it waits and is started in its turn.

    When the block ends, its permit goes to the next in the queue. A function that is killed within
    the block leaves that to the end of its lease.

    Args:
        deadline: when the function is stopped (ms since 1970).
    """
    until = lease_until(deadline)
    is_admitted = dependencies.admission.enter(verification, dependencies.clock.now(), until)
    try:
        yield is_admitted
    except Exception:
        _leave(dependencies, verification, until, is_admitted)
        raise
    _leave(dependencies, verification, until, is_admitted)


def give_up_turn(dependencies: Dependencies, verification: Verification) -> None:
    """A verification that needs its turn no more, if it has one, gives it to the next.

    Raises nothing: otherwise its permit is free some seconds after it was called.
    """
    try:
        if dependencies.admission.withdraw(verification):
            start_next(dependencies, verification.check)
    except Exception as error:  # noqa: BLE001 - see above
        observability.record_failure(Event.NEXT_NOT_STARTED, error, verification=verification.id)


def start_next(dependencies: Dependencies, check: str) -> None:
    """Request the steps of those that wait for the check's free permits.

    Raises:
        Exception: the store could not be reached. A step that cannot be requested is no error: the
            sweep requests it.
    """
    for waiting in dependencies.admission.call_next(check, dependencies.clock.now()):
        request_step(dependencies, Step.RUN_CHECK, waiting)


def _leave(
    dependencies: Dependencies, verification: Verification, until: int, is_admitted: bool
) -> None:
    """Raises nothing: what was done in the block is saved, and the lease frees the permit, too."""
    try:
        if is_admitted:
            dependencies.admission.leave(verification, until)
        start_next(dependencies, verification.check)
    except Exception as error:  # noqa: BLE001 - see above
        observability.record_failure(Event.NEXT_NOT_STARTED, error, verification=verification.id)
