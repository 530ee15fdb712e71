"""What an operator does to a verification. Each act is an entry of its audit chain: who, why.

Nothing here starts a step: what is saved is due at once, and the next sweep requests the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from liveproof.domain import delivery_transitions, interventions, lifecycle
from liveproof.domain.audit import OPERATOR, act_audited
from liveproof.domain.audit import interventions as audit_interventions
from liveproof.domain.erasure_transitions import erasure_requested
from liveproof.domain.ids import new_verification_id
from liveproof.domain.redo import NotRedoable, redo_recorded, redone, redone_as
from liveproof.domain.states import Status
from liveproof.domain.verification import Intervention, InterventionKind, Verification
from liveproof.ports import Clock, Conflict, Records
from liveproof.use_cases.conclude import verdict_without_answer
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.loading import load

_MOST_CHARACTERS = 200
"""Of the name of an operator; an ARN of AWS is shorter, most of the time."""


_SAVE_TRIES = 10


class CallResult(str, Enum):
    """What an operator learned of a call whose outcome is unknown."""

    NOT_EXECUTED = "not_executed"
    BILLED = "billed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Operator:
    """Who acts, and why: one reason for everything that a command does."""

    by: str
    why: str


class Operations:
    """An operator's work on a deployment's records.

    Every method raises CannotBeDone where the verification does not allow it, and Conflict where it
    changed at this moment.
    """

    def __init__(self, records: Records, clock: Clock, operator: Operator) -> None:
        self._records = records
        self._clock = clock
        self._operator = operator

    def hold(self, verification_id: str, hold_ms: int) -> Verification:
        """Make no call for so long; then, if nobody releases it, the verification ends."""
        verification = load(self._records, verification_id)
        if verification.status not in (Status.READY, Status.CHECKING, Status.HELD):
            raise CannotBeDone(
                f"{verification_id} is {verification.status.value}: only what is ready, checking or"
                " held can be held"
            )
        try:
            now = self._clock.now()
            acting = self._acting(verification, InterventionKind.HOLD)
            held = lifecycle.held(acting, now + hold_ms, now, OPERATOR)
        except lifecycle.CallNotAllowed as error:
            raise CannotBeDone(f"{verification_id} cannot be held: {error}") from None
        return self._records.save(held)

    def release(self, verification_id: str) -> Verification:
        """Allow a call for a held verification."""
        acting = self._acting(self._held(verification_id), InterventionKind.RELEASE)
        return self._records.save(interventions.released(acting, self._clock.now()))

    def settle(self, verification_id: str, result: CallResult) -> Verification:
        """Write into the ledger what became known of a held verification's call, and go on.

        A call that was not executed is made after all. Otherwise the verification is decided:
        `error`, for the reason `call_outcome_unknown`.
        """
        verification, now = self._held(verification_id), self._clock.now()
        if lifecycle.unknown_calls(verification) == 0:
            raise CannotBeDone(f"{verification_id}: no outcome of a call is unknown; release it")
        acting = self._acting(verification, InterventionKind.SETTLE, result)
        if result is CallResult.NOT_EXECUTED:
            return self._records.save(interventions.unknown_call_not_executed(acting, now))
        if result is CallResult.BILLED:
            acting = interventions.unknown_call_billed(acting, now)
        verdict = verdict_without_answer(acting, "call_outcome_unknown", now)
        return self._records.save(lifecycle.decided(acting, verdict, OPERATOR))

    def resend(self, verification_id: str) -> Verification:
        """Send a decision's webhook again, with a full schedule of attempts."""
        verification = load(self._records, verification_id)
        if verification.status is not Status.DECIDED:
            why = "nothing" if verification.erasure else "no decision"
            raise CannotBeDone(
                f"{verification_id} is {verification.status.value}: there is {why} to send"
            )
        acting = self._acting(verification, InterventionKind.RESEND)
        now = self._clock.now()
        return self._records.save(delivery_transitions.delivery_restarted(acting, now, OPERATOR))

    def erase(self, verification_id: str) -> Verification:
        """Erase the personal fields; the next sweep starts the deletion of the files.

        One whose erasure was requested before is returned as it is.
        """
        for left in reversed(range(_SAVE_TRIES)):
            verification = load(self._records, verification_id)
            if verification.erasure is not None:
                return verification
            try:
                acting = self._acting(verification, InterventionKind.ERASE)
                requested = erasure_requested(acting, self._clock.now(), OPERATOR)
                return self._records.save(requested)
            except Conflict:
                if left == 0:
                    raise
        raise AssertionError("the last try returns or raises")

    def redo(self, verification_id: str) -> Verification:
        """Check the files of a verification that ended as `error` again, in a new verification.

        The old record names the new one first, so of two operators one wins, and a command that
        was stopped in between is finished by the next.
        """
        verification = load(self._records, verification_id)
        earlier = redone_as(audit_interventions(verification))
        if earlier is not None and self._records.load(earlier) is not None:
            raise CannotBeDone(f"{verification_id} was redone as {earlier}: look at that one")
        now = self._clock.now()
        act = self._act(InterventionKind.REDO, None)
        new_id = earlier or new_verification_id(now)
        try:
            new = redone(verification, new_id, act)
        except NotRedoable as error:
            raise CannotBeDone(f"{verification_id} {error}") from None
        if earlier is None:
            self._records.save(redo_recorded(verification, new_id, act))
        return self._records.save(new)

    def _held(self, verification_id: str) -> Verification:
        verification = load(self._records, verification_id)
        if verification.status is not Status.HELD:
            raise CannotBeDone(f"{verification_id} is not held: it is {verification.status.value}")
        return verification

    def _acting(
        self,
        verification: Verification,
        kind: InterventionKind,
        result: CallResult | None = None,
    ) -> Verification:
        """The verification with the entry of this act, before the change that the act makes."""
        return act_audited(verification, self._act(kind, result))

    def _act(self, kind: InterventionKind, result: CallResult | None) -> Intervention:
        return Intervention(
            at=self._clock.now(),
            kind=kind,
            by=self._operator.by[:_MOST_CHARACTERS],
            why=self._operator.why,
            outcome=None if result is None else result.value,
        )
