"""How long a record is kept."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.domain.verification import Verification

_DAY_MS = 24 * 60 * 60 * 1000


def kept_until(dependencies: Dependencies, verification: Verification) -> int:
    """From when on the store may delete the record (ms since 1970), if nothing of it is due."""
    days = dependencies.settings.record_retention_days
    return verification.created_at + days * _DAY_MS
