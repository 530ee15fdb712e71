"""Printing and checking the audit chain of a verification."""

from __future__ import annotations

from liveproof.clock import iso
from liveproof.domain.audit import first_fault
from liveproof.domain.hash_chain import Break, Link, links
from liveproof.domain.verification import Verification
from liveproof_cli import output
from liveproof_cli.command import choices
from liveproof_cli.errors import CannotBeDone


def print_audit(verification: Verification) -> None:
    """Print every entry, and what the check of the chain says.

    Raises:
        CannotBeDone: the chain is broken; the text names the first broken entry.
    """
    chain, fault = verification.audit, first_fault(verification)
    kept = list(links(chain, verification.id))
    if choices().as_json:
        output.print_json([_document(link, fault) for link in kept])
    else:
        output.print_table(
            ("entry", "time (UTC)", "what", "by", "facts", "hash"),
            [_cells(link, fault) for link in kept],
        )
    if fault is not None:
        where = f"entry {fault.number}" if fault.number else "the whole chain"
        raise CannotBeDone(
            f"the audit chain of {verification.id} is broken at {where}: {fault.why}. Compare it"
            " with the signed manifest and with a backup of the store."
        )
    if not choices().as_json:
        output.print_text("")
        output.print_text(_summary(verification, len(kept)))


def _summary(verification: Verification, kept: int) -> str:
    chain = verification.audit
    if not kept:
        return "no entries: the record is older than the audit chain and has not changed since"
    folded = f", {chain.folded} folded away" if chain.folded else ""
    return f"the chain is whole: {kept} entries{folded}, head {chain.head}"


def _facts(link: Link) -> str:
    return ", ".join(f"{name} {value}" for name, value in link.entry.facts.items())


def _cells(link: Link, fault: Break | None) -> list[str]:
    entry = link.entry
    mark = " BROKEN" if fault is not None and fault.number == link.number else ""
    return [
        f"{link.number}{mark}",
        iso(entry.at),
        entry.what,
        entry.by,
        _facts(link),
        link.hash[:16],
    ]


def _document(link: Link, fault: Break | None) -> dict[str, object]:
    entry = link.entry
    return {
        "number": link.number,
        "at": iso(entry.at),
        "what": entry.what,
        "by": entry.by,
        "facts": dict(entry.facts),
        "hash": link.hash,
        "broken": fault is not None and fault.number == link.number,
    }
