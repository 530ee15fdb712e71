"""How long a record is kept."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.domain.retries import LONGEST_FAILING_MS
from liveproof.domain.verification import Verification

_DAY_MS = 24 * 60 * 60 * 1000


def kept_until(dependencies: Dependencies, verification: Verification) -> int:
    """From when on the store may delete the record (ms since 1970), if nothing of it is due."""
    days = dependencies.settings.record_retention_days
    return verification.created_at + days * _DAY_MS


def faults_end_at(dependencies: Dependencies, verification: Verification) -> int:
    """From when on a fault of ours ends a delivery, or leaves a manifest unsigned (ms since 1970).

    As long as the record is kept they wait. What ended late, such as after a hold, may be older
    than that on its first day: it has this day.
    """
    verdict, erasure = verification.verdict, verification.erasure
    ended_at = (erasure and erasure.erased_at) or (verdict and verdict.decided_at) or 0
    return max(kept_until(dependencies, verification), ended_at + LONGEST_FAILING_MS)
