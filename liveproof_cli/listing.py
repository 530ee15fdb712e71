"""Verifications of all clients in one list, with bounded reads."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from liveproof.domain.filter import Filter
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.ports import Records, RecordUnreadable

_END_OF_TIME = 2**53
_MOST_DUE = 1_000_000
_PAGE = 100
_MOST_PAGES = 20
"""How many pages of `Records.recent` one list may read for a client. Where few verifications meet
the conditions, each reads two thousand."""


@dataclass(frozen=True)
class Pause:
    """The list stops here, for enough was read; it goes on after this id."""

    id: str


def unfinished(records: Records, status: Status) -> Iterator[Verification]:
    """Every verification in a state that is not final, the one that is due first comes first.

    Raises:
        RecordUnreadable: at the end, if one of them cannot be read.
    """
    unreadable: list[RecordUnreadable] = []
    for due in records.due(_END_OF_TIME, _MOST_DUE):
        if due.status is not status:
            continue
        try:
            verification = records.load(due.id)
        except RecordUnreadable as error:
            unreadable.append(error)
            continue
        if verification is not None and verification.status is status:
            yield verification
    if unreadable:
        raise unreadable[0]


def by_age(
    records: Records,
    clients: Sequence[str],
    criteria: Filter,
    after: str | None,
    unreadable: list[str] | None = None,
) -> Iterator[Verification | Pause]:
    """The clients' verifications in the order that is wanted. A `Pause` is the last element.

    Args:
        after: the id after which the list begins.
        unreadable: takes the ids of those that cannot be read; nobody knows what they are.
    """
    left_out = [] if unreadable is None else unreadable
    lists = [_of_client(records, client, criteria, after, left_out) for client in clients]
    merged = heapq.merge(*lists, key=lambda element: element.id, reverse=not criteria.oldest_first)
    for element in merged:
        yield element
        if isinstance(element, Pause):
            return


def complete(
    records: Records,
    clients: Sequence[str],
    criteria: Filter,
    unreadable: list[str] | None = None,
) -> Iterator[Verification]:
    """All of the clients' verifications that are wanted, in their order, a page at a time.

    Args:
        unreadable: see `by_age`.
    """
    after = None
    while True:
        pause = None
        for element in by_age(records, clients, criteria, after, unreadable):
            if isinstance(element, Pause):
                pause = element
            else:
                yield element
        if pause is None:
            return
        after = pause.id


def _of_client(
    records: Records, client: str, criteria: Filter, after: str | None, unreadable: list[str]
) -> Iterator[Verification | Pause]:
    for number in count(1):
        page = records.recent(client, criteria, _PAGE, after)
        unreadable += page.unreadable
        yield from page.verifications
        after = page.cursor
        if after is None:
            return
        if number == _MOST_PAGES:
            yield Pause(after)
            return
