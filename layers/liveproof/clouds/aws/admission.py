"""The Admission port on AWS: the event sources limit how many messages are worked on at once."""

from __future__ import annotations

from liveproof.admission import Waiting
from liveproof.domain.verification import Verification


class AlwaysAdmits:
    """Every run has a permit: what waits, waits in SQS."""

    def enter(self, verification: Verification, now: int, until: int) -> bool:
        return True

    def leave(self, verification: Verification, until: int) -> None:
        return

    def withdraw(self, verification: Verification) -> bool:
        return False

    def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
        return ()
