"""The port of a limit: how many verifications of a check are worked on at once.

`liveproof.ports` has the other ports.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from liveproof.domain.verification import Verification


class Waiting(NamedTuple):
    """A verification that has waited for its turn."""

    id: str
    check: str
    client: str


class Admission(Protocol):
    """Limits how many verifications of a check are worked on at once; the others wait in a queue.

    Clients take turns: of two that wait, neither gets two permits before the other gets one. Within
    a client the order of arrival counts.
    """

    def enter(self, verification: Verification, now: int, until: int) -> bool:
        """Whether the verification may be worked on until a time: it has a permit then.

        Otherwise it waits, and keeps its place in the queue however often it enters again. The
        sweep does not request its step before its turn should long have come.

        Args:
            verification: as it was loaded.
            until: when the function that works on it is certainly dead (ms since 1970, as `now`).
                The permit is free then.
        """

    def leave(self, verification: Verification, until: int) -> None:
        """Free the permit of an `enter` that had the same `until`; nothing if it is gone."""

    def withdraw(self, verification: Verification) -> bool:
        """It needs its turn no more: take it out of the queue, or free the permit of its call.

        Returns:
            Whether it waited or was called. One that is worked on keeps its permit.
        """

    def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
        """Give the check's free permits to those whose turn it is.

        The caller requests their steps. A permit that is not used within some seconds is free
        again; the sweep then requests the step of the verification that has lost it.
        """
