"""Pages of a list with a filter: bounded work for each, and a cursor wherever it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.verification import Verification
from liveproof.observability import Event, record_failure
from liveproof.ports import Page, RecordUnreadable

_READS_PER_PAGE = 20
_MOST_PER_READ = 100
"""DynamoDB's BatchGetItem takes no more."""

_LEAST_WITH_FILTER = 50

_Row = TypeVar("_Row")


def filtered_page(
    criteria: Filter,
    limit: int,
    cursor: str | None,
    read: Callable[[str | None, int], tuple[Sequence[tuple[str, _Row]], str | None]],
    decode: Callable[[_Row], Verification | None],
) -> Page:
    """`recent` of `ports.Records`.

    A page reads 2,000 verifications at most. So it may have fewer than `limit`, or none, and still
    a cursor.

    Args:
        read: ids with the store's rows, in the list's order: those after an id (None: from the
            start), at most so many; and the id after which the list goes on, None at its end.
        decode: a row's verification; None if the row alone shows that it is not wanted. May raise
            RecordUnreadable.

    Raises:
        ValueError: a foreign cursor.
    """
    if cursor is not None and not is_verification_id(cursor):
        raise ValueError("not a cursor")
    size = max(limit, _LEAST_WITH_FILTER) if criteria != Filter() else limit
    page: list[Verification] = []
    unreadable: list[str] = []
    after = cursor
    for _ in range(_READS_PER_PAGE):
        rows, more = read(after, min(size, _MOST_PER_READ))
        for number, (after, row) in enumerate(rows, 1):
            try:
                verification = decode(row)
            except RecordUnreadable as error:
                record_failure(Event.RECORD_LEFT_OUT, error, verification=after)
                unreadable.append(after)
                continue
            if verification is None or not criteria.matches(verification):
                continue
            page.append(verification)
            if len(page) == limit:
                is_last = more is None and number == len(rows)
                return Page(tuple(page), None if is_last else after, tuple(unreadable))
        if more is None:
            return Page(tuple(page), None, tuple(unreadable))
        after = more
    return Page(tuple(page), after, tuple(unreadable))
