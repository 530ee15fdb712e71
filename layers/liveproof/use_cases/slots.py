"""The vendor's quota as time: when the next request may leave, instead of being refused."""

from __future__ import annotations

from liveproof.checks.check import Check
from liveproof.dependencies import Dependencies
from liveproof.domain.verification import Verification
from liveproof.run_times import SLOT_WAIT_SECONDS

SLOT_WAIT_MS = round(SLOT_WAIT_SECONDS * 1000)

SLOT_LATENESS_MS = 50
"""A run that is later than this for its slot takes another: late calls would bunch."""

SLOT_LEAD_MS = 2_000
"""A postponed run starts this long before its slot, and earlier still by the time that the run
before it took: files that take longer than this would come late for every slot, and would use up
the slots of all others."""

CALLED_LEAD_MS = 50
"""The ledger's `called` is written this long before the slot, so its write delays no call."""


def lead_of(verification: Verification) -> int:
    """How long before its slot (ms) a postponed run was to begin. One that begins so late that the
    files would take until after the slot needs another."""
    slot, due_at = verification.call_not_before, verification.due_at
    if slot is None or due_at is None:
        return SLOT_LEAD_MS
    return max(SLOT_LEAD_MS, slot - due_at)


class Slots:
    """The slots of one check's requests, from the store that every function shares."""

    def __init__(self, dependencies: Dependencies, check: Check) -> None:
        self._quota = dependencies.quota
        self._clock = dependencies.clock
        self._settings = dependencies.settings
        self._check = check

    def for_call(self, now: int) -> int:
        """The time (ms) of the next paid call."""
        per_second = self._settings.calls_per_second[self._check.name]
        return self._quota.reserve(self._name(self._check.api.action), per_second, now)

    def for_relay(self, files: int) -> int:
        """The time (ms) from which CreateUploadUrl may be called for that many files.

        Raises:
            QuotaFull: that is later than `SLOT_WAIT_MS`; no slot was taken.
        """
        now = self._clock.now()
        if files == 0:
            return now
        verifications = self._settings.upload_urls_per_second / files
        name = self._name("CreateUploadUrl")
        return self._quota.reserve(name, verifications, now, now + SLOT_WAIT_MS)

    def _name(self, action: str) -> str:
        return f"{self._check.api.service}.{action}.{self._check.region}"
