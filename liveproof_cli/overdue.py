"""Verifications whose step should have run: their messages were lost, or the step keeps failing."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.domain.verification import Verification
from liveproof.ports import Records, RecordUnreadable
from liveproof.use_cases.sweep import GRACE_MS, LONGEST_BACKOFF_MS


def overdue(records: Records, now: int, most: int) -> Iterator[Verification]:
    """Unfinished verifications that are due for longer than a message takes.

    Args:
        most: how many are looked at, of those that the sweep asks for first.
    """
    # One that is backed off is listed up to sixteen minutes after its due time.
    for due in records.due(now + LONGEST_BACKOFF_MS, most):
        try:
            verification = records.load(due.id)
        except RecordUnreadable:
            continue
        if verification is not None and verification.is_due(now - GRACE_MS):
            yield verification


def unreadable(records: Records, now: int, most: int) -> list[str]:
    """The ids of unfinished verifications whose record this version cannot read."""
    ids = []
    for due in records.due(now + LONGEST_BACKOFF_MS, most):
        try:
            records.load(due.id)
        except RecordUnreadable:
            ids.append(due.id)
    return ids
