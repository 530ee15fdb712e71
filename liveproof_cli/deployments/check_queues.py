"""The queues of the checks on Tencent Cloud: what waits in the database for a permit."""

from __future__ import annotations

from typing import NamedTuple

from liveproof.clouds.tencent.sql.database import Database


class CheckQueue(NamedTuple):
    """A check's queue.

    Attributes:
        waiting: verifications without a permit.
        working: permits that are taken, those of functions that were killed lately included.
        oldest: the id of the verification that was created first, of those that wait; None if none
            does.
    """

    check: str
    waiting: int
    working: int
    oldest: str | None


def check_queues(database: Database) -> list[CheckQueue]:
    """Of every check that has work. Raises DatabaseUnavailable."""
    # An id begins with the time of its creation, so the least is the oldest.
    rows = database.query(
        "SELECT check_name, SUM(CASE WHEN permit IS NULL THEN 1 ELSE 0 END), COUNT(permit),"
        " MIN(CASE WHEN permit IS NULL THEN verification END)"
        " FROM admission GROUP BY check_name ORDER BY check_name"
    )
    return [
        CheckQueue(str(check), int(waiting), int(working), oldest)
        for check, waiting, working, oldest in rows
    ]
