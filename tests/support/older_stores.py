"""What the version of 2026-11-26 stored: the same verifications in DynamoDB and in SQL.

`tests/data/older_*` were written by that version. Numbers 0 to 8 are verifications of client `shop`
from a new one to a delivered one, a step further each; 9 is held; 10 is of client `kiosk` and was
backed off once.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from liveproof.domain.filter import Filter
from liveproof.domain.states import Status
from liveproof.ports import Records
from tests.support.verifications import NOW

_DATA = Path(__file__).parents[1] / "data"

OLDER_STATUSES: Final = (
    Status.AWAITING_UPLOAD,
    Status.AWAITING_UPLOAD,
    Status.READY,
    Status.CHECKING,
    Status.CHECKING,
    Status.CHECKING,
    Status.DECIDED,
    Status.DECIDED,
    Status.DECIDED,
    Status.HELD,
    Status.AWAITING_UPLOAD,
)
OLDER_DUE: Final = (2, 6, 7, 3, 4, 5, 0, 1, 10, 9)
"""The unfinished ones, by due time."""

LONG_AFTER: Final = NOW + 90_000_000
"""When all of them are due."""


def older_id(number: int) -> str:
    """The id of a stored verification."""
    return f"ver_01kvrnzxm0{number:016d}"


def older_table() -> dict[str, Any]:
    """The arguments of CreateTable that make the table of that version."""
    table: dict[str, Any] = json.loads((_DATA / "older_table.json").read_text())
    return table


def older_items() -> list[dict[str, Any]]:
    """The table's items, with an idempotency key and a row of the quota."""
    return [json.loads(line) for line in (_DATA / "older_items.jsonl").read_text().splitlines()]


def restore_database(path: Path) -> None:
    """Make the SQLite database of that version."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((_DATA / "older_database.sql").read_text())


def ids_of(records: Records, client: str, status: Status | None = None) -> list[str]:
    """The ids of the whole list, by pages of two."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = records.recent(client, Filter(status=status), 2, cursor)
        ids += [verification.id for verification in page.verifications]
        cursor = page.cursor
        if cursor is None:
            return ids
