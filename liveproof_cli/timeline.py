"""What happened to a verification, in the order of time, from its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from liveproof.clock import iso
from liveproof.domain.audit import interventions
from liveproof.domain.erasure import Erasure
from liveproof.domain.ledger import Call
from liveproof.domain.verification import (
    Attempt,
    Delivery,
    Intervention,
    Verdict,
    Verification,
)


@dataclass(frozen=True)
class Event:
    """Something that happened at a time (ms since 1970): `what` is a stable word."""

    at: int
    what: str
    detail: str


def timeline(verification: Verification) -> list[Event]:
    """Everything in the record that has a time, the earliest first."""
    return sorted(_events(verification), key=lambda event: event.at)


def _events(verification: Verification) -> Iterator[Event]:
    inputs = f" needs {', '.join(verification.inputs)}" if verification.inputs else ""
    yield Event(verification.created_at, "created", f"{verification.check}{inputs}")
    if verification.ready_at is not None:
        yield Event(verification.ready_at, "inputs_proven", "every input is the declared one")
    for call in verification.calls:
        yield from _of_call(call)
    for intervention in interventions(verification):
        yield _of_intervention(intervention)
    if verification.erasure is not None:
        yield from _of_erasure(verification.erasure)
    if verification.verdict is not None:
        yield _of_verdict(verification.verdict)
    if verification.delivery is not None:
        yield from _of_delivery(verification.delivery)


def _of_call(call: Call) -> Iterator[Event]:
    name = f"call {call.number}, {call.action}"
    where = f" in {call.region}" if call.region else ""
    yield Event(call.intent_at, "call_intended", f"{name}{where}")
    if call.called_at is not None:
        yield Event(call.called_at, "call_sent", name)
    if call.settled_at is not None:
        parts = {
            "outcome": call.outcome.value if call.outcome else None,
            "code": call.code,
            "billed": call.billable,
            "score": call.score,
            "took": f"{call.latency_ms} ms" if call.latency_ms is not None else None,
            "request id": call.request_id,
        }
        yield Event(call.settled_at, "call_settled", f"call {call.number}: {_joined(parts)}")


def _of_intervention(intervention: Intervention) -> Event:
    outcome = f" {intervention.outcome}" if intervention.outcome else ""
    detail = f"{intervention.kind.value}{outcome} by {intervention.by}: {intervention.why}"
    return Event(intervention.at, "operator", detail)


def _of_erasure(erasure: Erasure) -> Iterator[Event]:
    yield Event(erasure.requested_at, "erasure_requested", "its personal fields are gone")
    if erasure.erased_at is not None:
        yield Event(erasure.erased_at, "erased", f"{erasure.objects} objects are deleted")
    if erasure.look_at is not None:
        yield Event(erasure.look_at, "looks_again", "deletes what comes until then")


def _of_verdict(verdict: Verdict) -> Event:
    scores = ", ".join(f"{name} {value:g}" for name, value in verdict.scores.items())
    parts = {"vendor's code": verdict.reason.vendor_code, "scores": scores or None}
    detail = f"{verdict.decision.value}, {verdict.reason.code}: {verdict.reason.message}"
    more = _joined(parts)
    return Event(verdict.decided_at, "decided", f"{detail} ({more})" if more else detail)


def _of_delivery(delivery: Delivery) -> Iterator[Event]:
    for attempt in delivery.log:
        yield _of_attempt(attempt)


def _of_attempt(attempt: Attempt) -> Event:
    answer = f"HTTP {attempt.status}" if attempt.status is not None else attempt.error
    parts = {
        "took": f"{attempt.latency_ms} ms",
        "answer": f'"{attempt.answer}"' if attempt.answer else None,
        "next at": None if attempt.next_at is None else iso(attempt.next_at),
    }
    number = "" if attempt.number is None else f", attempt {attempt.number}"
    name = f"delivery {attempt.delivery}{number}"
    # Not counted are probes, and faults of ours.
    what = "uncounted_attempt" if attempt.number is None else "attempt"
    return Event(attempt.at, what, f"{name}: {answer}, {_joined(parts)}")


def _joined(parts: Mapping[str, str | float | None]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value is not None)
