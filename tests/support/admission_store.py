"""An admission adapter under test, with the records beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from liveproof.admission import Admission
from liveproof.domain.verification import Verification
from liveproof.ports import Records
from tests.support.verifications import NOW, numbered

PERMITS = 3
PER_SECOND = 5.0
LEASE = 165_000
LATER = 1_000_000
CALLED_MS = 15_000
"""How long a permit is kept for one that was called, at most."""


@dataclass(frozen=True)
class Store:
    """An adapter with `PERMITS` permits for each check at `PER_SECOND`, and the records beside it.

    Attributes:
        another: an adapter of the same store, as another function has it.
    """

    admission: Admission
    records: Records
    another: Callable[[], Admission]

    def arrives(self, number: int, **changes: object) -> Verification:
        """A stored verification that is due."""
        return self.records.save(numbered(number, **{"due_at": NOW, **changes}))

    def enters(self, verification: Verification, now: int = NOW, lease: int = LEASE) -> bool:
        return self.admission.enter(verification, now, now + lease)

    def full(self, client: str = "early") -> list[Verification]:
        """As many as there are permits, all admitted."""
        holders = [self.arrives(number, client=client) for number in range(PERMITS)]
        assert all(self.enters(holder) for holder in holders)
        return holders

    def next_ids(self, check: str = "reflect", now: int = NOW) -> list[str]:
        return [waiting.id for waiting in self.admission.call_next(check, now)]

    def is_listed(self, verification: Verification, before: int) -> bool:
        """Whether the sweep sees it."""
        return verification.id in [due.id for due in self.records.due(before, 10_000)]
