"""A list of entries to which one can only add: each has a hash over itself and all before it.

The hash of an entry is SHA-256 over the 32 bytes of the hash before it and the entry as canonical
JSON: `[number,at,"what","by",{facts}]` in UTF-8, without spaces, the facts in the order of their
names. For texts and whole numbers that is the form of RFC 8785. Before the first entry stands the
SHA-256 of the chain's own name, so that no chain passes for another.

Of each entry the first 8 hexadecimal digits of its hash are stored, and of the newest all 64. The
8 tell where a chain breaks; the 64 tell that nothing was changed. Whoever can write the store can
also compute all hashes anew, so 64 digits for each would prove no more. What proves more is a copy
of the head that lies elsewhere, under a signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
from msgspec import Struct
from msgspec.structs import replace

MOST_ENTRIES = 160
"""Entries that a chain keeps. An operator's may have 600 bytes, and a record 400 kB."""

FIRST_ENTRIES = 80
"""So many of the oldest stay when the ones after them are folded away."""

_DIGITS = 8


class Entry(Struct, frozen=True, array_like=True):
    """One entry. It is stored as a JSON array.

    Attributes:
        at: when it was written (ms since 1970).
        what: a stable code.
        by: who did it: a function, `client` or `operator`.
        digits: the first 8 hexadecimal digits of the hash.
        facts: the few that matter.
    """

    at: int
    what: str
    by: str
    digits: str
    facts: dict[str, str | int] = {}


class Chain(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The entries, the oldest first.

    Attributes:
        head: the hash of the newest entry, 64 hexadecimal digits; empty without entries.
        folded: how many entries after the first `FIRST_ENTRIES` were folded away.
        folded_head: the hash of the last of them.
    """

    entries: tuple[Entry, ...] = ()
    head: str = ""
    folded: int = 0
    folded_head: str = ""


class Link(Struct, frozen=True):
    """An entry with its number, from 1, and its hash as it must be."""

    number: int
    entry: Entry
    hash: str


class Break(Struct, frozen=True):
    """Where a chain is broken: at this entry, or at 0 as a whole."""

    number: int
    why: str


def extended(
    chain: Chain, name: str, *, at: int, what: str, by: str, facts: Mapping[str, str | int]
) -> Chain:
    """The chain with one entry more.

    Args:
        name: of the chain; the same for all of its entries.
    """
    number = len(chain.entries) + chain.folded + 1
    before = chain.head or _start(name)
    head = _hash(before, number, at, what, by, facts)
    entries = (*chain.entries, Entry(at, what, by, head[:_DIGITS], dict(facts)))
    if len(entries) <= MOST_ENTRIES:
        return replace(chain, entries=entries, head=head)
    folded = entries[FIRST_ENTRIES]
    before = chain.folded_head or _hash_of_first(name, entries[:FIRST_ENTRIES])
    number = FIRST_ENTRIES + chain.folded + 1
    return Chain(
        entries=(*entries[:FIRST_ENTRIES], *entries[FIRST_ENTRIES + 1 :]),
        head=head,
        folded=chain.folded + 1,
        folded_head=_hash(before, number, folded.at, folded.what, folded.by, folded.facts),
    )


def links(chain: Chain, name: str) -> Iterator[Link]:
    """Every kept entry with its number and the hash that it must have."""
    before = _start(name)
    for place, entry in enumerate(chain.entries):
        number = place + 1
        if chain.folded and place >= FIRST_ENTRIES:
            number += chain.folded
            if place == FIRST_ENTRIES:
                before = chain.folded_head
        before = _hash(before, number, entry.at, entry.what, entry.by, entry.facts)
        yield Link(number, entry, before)


def first_break(chain: Chain, name: str) -> Break | None:
    """The first entry that is not what was written; None for a chain that is whole."""
    last = None
    for link in links(chain, name):
        if link.entry.digits != link.hash[:_DIGITS]:
            return Break(link.number, "it was changed, or one before it is missing")
        last = link
    if last is None:
        return Break(0, "its entries are missing") if chain.head else None
    if last.hash != chain.head:
        return Break(last.number, "the head is another: entries after it are missing")
    return None


def _start(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _hash_of_first(name: str, entries: tuple[Entry, ...]) -> str:
    before = _start(name)
    for number, entry in enumerate(entries, 1):
        before = _hash(before, number, entry.at, entry.what, entry.by, entry.facts)
    return before


def _hash(
    before: str, number: int, at: int, what: str, by: str, facts: Mapping[str, str | int]
) -> str:
    canonical = msgspec.json.encode((number, at, what, by, facts), order="sorted")
    try:
        previous = bytes.fromhex(before)
    except ValueError:
        previous = before.encode()  # broken, and so is every hash that follows
    return sha256(previous + canonical).hexdigest()
