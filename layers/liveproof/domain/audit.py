"""The audit chain of a verification: an entry for each transition and each act of an operator.

It lies in the record, so that one conditional write carries a change and its entry, and neither can
be there without the other. No entry has anything personal: no reference, no name of a person, no
key or hash of a file.

A lease, a wait and a failed attempt at a delivery change no fact, only the time of the next step,
and have no entry: the due time and the log of attempts have them.
"""

from __future__ import annotations

from enum import Enum

from msgspec.structs import replace

from liveproof.domain.hash_chain import Break, Chain, extended, first_break, links
from liveproof.domain.states import STATES, Status
from liveproof.domain.verification import Intervention, InterventionKind, Verification

CLIENT, OPERATOR, UPGRADE = "client", "operator", "upgrade"
"""Who writes entries, beside the steps, which have the names of their functions."""


class What(str, Enum):
    """The codes of the transitions. Values are stored, and never change."""

    CHAIN_BEGUN = "chain_begun"
    CREATED = "created"
    UPLOADS_RENEWED = "uploads_renewed"
    INPUT_PROVEN = "input_proven"
    INPUT_REFUSED = "input_refused"
    CALL_INTENDED = "call_intended"
    CALL_SENT = "call_sent"
    CALL_SETTLED = "call_settled"
    CALL_CORRECTED = "call_corrected"
    HELD = "held"
    RELEASED = "released"
    DECIDED = "decided"
    DELIVERED = "delivered"
    DELIVERY_EXHAUSTED = "delivery_exhausted"
    DELIVERY_RESTARTED = "delivery_restarted"
    ERASURE_REQUESTED = "erasure_requested"
    FILES_DELETED = "files_deleted"
    MANIFEST_SIGNED = "manifest_signed"


MEANINGS = {
    What.CHAIN_BEGUN: "the record is older than its chain: what came before has no entries",
    What.CREATED: "the client asked for the verification",
    What.UPLOADS_RENEWED: "the client asked for new upload URLs",
    What.INPUT_PROVEN: "the bytes of an input are the declared ones",
    What.INPUT_REFUSED: "the bytes of an input cannot be used",
    What.CALL_INTENDED: "one run won the right to a paid call",
    What.CALL_SENT: "the paid request is about to leave",
    What.CALL_SETTLED: "the outcome of the paid request is in the ledger",
    What.CALL_CORRECTED: "an operator learned the outcome of a call, and the ledger has it",
    What.HELD: "no call is made without an operator",
    What.RELEASED: "an operator allowed a call",
    What.DECIDED: "the decision is final",
    What.DELIVERED: "the client's endpoint accepted the webhook",
    What.DELIVERY_EXHAUSTED: "the delivery ended without success",
    What.DELIVERY_RESTARTED: "the webhook is sent again",
    What.ERASURE_REQUESTED: "the personal fields are gone",
    What.FILES_DELETED: "the bucket had these objects of the verification, and has none now",
    What.MANIFEST_SIGNED: "the signed manifest of the decision is in the bucket",
}
"""What each code says, for the docs."""

OPERATORS_MEANING = "an operator's act, with name and reason; the transition that it causes follows"


def audited(
    verification: Verification,
    what: What,
    now: int,
    by: str | None = None,
    **facts: str | int | None,
) -> Verification:
    """The verification with one entry more.

    Args:
        verification: before the transition, or after it if `by` is given.
        now: ms since 1970.
        by: who did it; None for the step of the verification's state.
        facts: those that are None are left out.
    """
    who = STATES[verification.status].step.value if by is None else by
    verification = _with_chain(verification, now) if what is not What.CREATED else verification
    present = {name: value for name, value in facts.items() if value is not None}
    return _extended(verification, what.value, now, who, present)


def act_audited(verification: Verification, act: Intervention) -> Verification:
    """The verification with the entry of what an operator did."""
    return _with_act(_with_chain(verification, act.at), act)


def interventions(verification: Verification) -> tuple[Intervention, ...]:
    """What operators did, the latest last."""
    kinds = {kind.value for kind in InterventionKind}
    of_chain = (
        Intervention(
            at=entry.at,
            kind=InterventionKind(entry.what),
            by=str(entry.facts.get("name", "")),
            why=str(entry.facts.get("why", "")),
            outcome=_text(entry.facts.get("outcome")),
        )
        for entry in verification.audit.entries
        if entry.by == OPERATOR and entry.what in kinds
    )
    return (*verification.former_interventions, *of_chain)


def first_fault(verification: Verification) -> Break | None:
    """Where the chain is broken, or contradicts the record; None if all is well."""
    chain = verification.audit
    broken = first_break(chain, verification.id)
    if broken is not None or not chain.entries:
        return broken
    decisions = [link for link in links(chain, verification.id) if link.entry.what == What.DECIDED]
    verdict = verification.verdict
    if not decisions:
        begun = chain.entries[0]
        was_decided = begun.facts.get("status") == Status.DECIDED.value
        if verdict is None or was_decided or chain.folded:
            return None  # of a long chain, the entry may be folded away
        return Break(0, "the record has a decision, and the chain has none")
    number, entry = decisions[-1].number, decisions[-1].entry
    if verdict is None:
        return Break(number, "the chain has a decision, and the record has none")
    written = (verdict.decision.value, verdict.reason.code)
    if (entry.facts.get("decision"), entry.facts.get("reason")) != written:
        return Break(number, "the record has another decision than this entry")
    return None


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _with_chain(verification: Verification, now: int) -> Verification:
    """An older record begins its chain with an entry that says so, and what operators did."""
    if verification.audit.entries:
        return verification
    former = verification.former_interventions
    begun = _extended(
        verification,
        What.CHAIN_BEGUN.value,
        now,
        UPGRADE,
        {"status": verification.status.value, "version": verification.version},
    )
    begun = replace(begun, former_interventions=())
    for act in former:
        begun = _with_act(begun, act)
    return begun


def _with_act(verification: Verification, act: Intervention) -> Verification:
    facts: dict[str, str | int] = {"name": act.by, "why": act.why}
    if act.outcome is not None:
        facts["outcome"] = act.outcome
    return _extended(verification, act.kind.value, act.at, OPERATOR, facts)


def _extended(
    verification: Verification, what: str, at: int, by: str, facts: dict[str, str | int]
) -> Verification:
    chain: Chain = extended(
        verification.audit, verification.id, at=at, what=what, by=by, facts=facts
    )
    return replace(verification, audit=chain)
