"""What a code means: a vendor's, per product since numbers clash, or one of our own.

Our own are the reasons of decisions, the errors of deliveries, the codes of problem documents, the
events of log lines and the metrics. Each meaning is the one that the pages are generated from.
"""

from __future__ import annotations

from collections.abc import Iterator

from liveproof import facts
from liveproof.api.problems import PROBLEMS
from liveproof.facts import CodeKind
from liveproof.observability import Event, Measure, Metric
from liveproof.webhooks.explanation import COST_NO_ATTEMPT, ERRORS


def explanations(code: str) -> list[dict[str, str | bool | None]]:
    """Everything that is known of a code, one entry per product that has it; empty if none."""
    entries: list[dict[str, str | bool | None]] = []
    for product in facts.PRODUCTS:
        table = facts.code_table(product)
        entry = table.codes.get(code)
        if entry is None:
            continue
        reason = facts.reasons()[entry.reason]
        entries.append(
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
    return [*entries, *_own(code)]


def _own(code: str) -> Iterator[dict[str, str | bool | None]]:
    """What liveproof itself means by a code, one entry per kind of code."""
    reason = facts.reasons().get(code)
    if reason is not None:
        yield {
            "code": code,
            "product": "liveproof",
            "kind": "reason of a decision",
            "decision": reason.decision.value,
            "tell": reason.message,
        }
    if code in ERRORS:
        meaning, advice = ERRORS[code]
        yield {
            "code": code,
            "product": "liveproof",
            "kind": "error of a delivery",
            "meaning": meaning,
            "do": advice,
            "costs an attempt": code not in COST_NO_ATTEMPT,
        }
    problem = next((candidate for candidate in PROBLEMS.values() if candidate.code == code), None)
    if problem is not None:
        yield {
            "code": code,
            "product": "liveproof",
            "kind": "problem document of the API",
            "status": str(problem.status),
            "meaning": problem.title,
            "do": problem.advice,
        }
    if code in Event.__members__:
        yield {
            "code": code,
            "product": "liveproof",
            "kind": "event of a log line",
            "meaning": Event[code].value,
        }
    for metric in (*Metric, *Measure):
        if metric.value == code:
            yield {
                "code": code,
                "product": "liveproof",
                "kind": "metric",
                "meaning": metric.meaning,
            }
