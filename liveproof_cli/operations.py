"""What an operator does to a verification. Each is kept in its record: when, who, why.

Nothing here starts a step: what is saved is due at once, and the next sweep requests the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from liveproof.domain import delivery_transitions, interventions, lifecycle
from liveproof.domain.erasure_transitions import erasure_requested
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
            held = lifecycle.held(verification, self._clock.now() + hold_ms)
        except lifecycle.CallNotAllowed as error:
            raise CannotBeDone(f"{verification_id} cannot be held: {error}") from None
        return self._save(held, InterventionKind.HOLD)

    def release(self, verification_id: str) -> Verification:
        """Allow a call for a held verification."""
        released = interventions.released(self._held(verification_id), self._clock.now())
        return self._save(released, InterventionKind.RELEASE)

    def settle(self, verification_id: str, result: CallResult) -> Verification:
        """Write into the ledger what became known of a held verification's call, and go on.

        A call that was not executed is made after all. Otherwise the verification is decided:
        `error`, for the reason `call_outcome_unknown`.
        """
        verification, now = self._held(verification_id), self._clock.now()
        if lifecycle.unknown_calls(verification) == 0:
            raise CannotBeDone(f"{verification_id}: no outcome of a call is unknown; release it")
        if result is CallResult.NOT_EXECUTED:
            settled = interventions.unknown_call_not_executed(verification, now)
        else:
            if result is CallResult.BILLED:
                verification = interventions.unknown_call_billed(verification)
            verdict = verdict_without_answer(verification, "call_outcome_unknown", now)
            settled = lifecycle.decided(verification, verdict)
        return self._save(settled, InterventionKind.SETTLE, result)

    def resend(self, verification_id: str) -> Verification:
        """Send a decision's webhook again, with a full schedule of attempts."""
        verification = load(self._records, verification_id)
        if verification.status is not Status.DECIDED:
            why = "nothing" if verification.erasure else "no decision"
            raise CannotBeDone(
                f"{verification_id} is {verification.status.value}: there is {why} to send"
            )
        restarted = delivery_transitions.delivery_restarted(verification, self._clock.now())
        return self._save(restarted, InterventionKind.RESEND)

    def erase(self, verification_id: str) -> Verification:
        """Erase the personal fields; the next sweep starts the deletion of the files.

        One whose erasure was requested before is returned as it is.
        """
        for left in reversed(range(_SAVE_TRIES)):
            verification = load(self._records, verification_id)
            if verification.erasure is not None:
                return verification
            requested = erasure_requested(verification, self._clock.now())
            try:
                return self._save(requested, InterventionKind.ERASE)
            except Conflict:
                if left == 0:
                    raise
        raise AssertionError("the last try returns or raises")

    def _held(self, verification_id: str) -> Verification:
        verification = load(self._records, verification_id)
        if verification.status is not Status.HELD:
            raise CannotBeDone(f"{verification_id} is not held: it is {verification.status.value}")
        return verification

    def _save(
        self,
        verification: Verification,
        kind: InterventionKind,
        result: CallResult | None = None,
    ) -> Verification:
        intervention = Intervention(
            at=self._clock.now(),
            kind=kind,
            by=self._operator.by[:_MOST_CHARACTERS],
            why=self._operator.why,
            outcome=None if result is None else result.value,
        )
        return self._records.save(interventions.intervention_recorded(verification, intervention))
