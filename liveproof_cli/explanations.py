"""What a code means: a vendor's, per product since numbers clash, or one of our reasons."""

from __future__ import annotations

from liveproof import facts
from liveproof.facts import CodeKind


def explanations(code: str) -> list[dict[str, str | bool | None]]:
    """Everything that is known of a code, one entry per product that has it; empty if none."""
    found: list[dict[str, str | bool | None]] = []
    for product in facts.PRODUCTS:
        table = facts.code_table(product)
        entry = table.codes.get(code)
        if entry is None:
            continue
        reason = facts.reasons()[entry.reason]
        found.append(
            {
                "code": code,
                "product": table.product,
                "class": entry.kind.value,
                "billable": entry.billable,
                "retryable": entry.kind in (CodeKind.RETRYABLE, CodeKind.RATE_LIMITED),
                "decision": reason.decision.value,
                "reason": entry.reason,
                "tell": reason.message,
                "note": entry.note,
                "source": entry.source,
                "date": table.date,
            }
        )
    own = facts.reasons().get(code)
    if own is not None:
        found.append(
            {
                "code": code,
                "product": "liveproof",
                "decision": own.decision.value,
                "tell": own.message,
            }
        )
    return found
