"""One run of the `run_check` step: slot, intent, relay, call, ledger, decision."""

from __future__ import annotations

from liveproof import observability
from liveproof.checks.check import Check, Frame, Reading
from liveproof.checks.reading import read
from liveproof.dependencies import Dependencies
from liveproof.domain import lifecycle
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Call, CallOutcome, CallState, Decision, Verification
from liveproof.facts import code_table
from liveproof.observability import Event, Metric
from liveproof.ports import ObjectMissing, ObjectReplaced, ObjectUnreadable, SecretUnusable
from liveproof.use_cases.conclude import conclude, verdict_of, verdict_of_refusal
from liveproof.use_cases.keep_evidence import keep_evidence
from liveproof.use_cases.slots import (
    CALLED_LEAD_MS,
    SLOT_LATENESS_MS,
    SLOT_LEAD_MS,
    SLOT_WAIT_MS,
    Slots,
)
from liveproof.use_cases.uploads import proven_sources, reason_of_loss
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorError, VendorRefused

LEASE_MARGIN_MS = 5_000
"""A lease outlives its function by this much, so its holder is dead when it ends."""

PREPARE_TIMEOUT_SECONDS = 40.0
RESERVE_SECONDS = 10.0
"""Kept free after a call for settling, evidence and the decision."""

GIVE_UP_MS = 60 * 60 * 1000
"""A vendor that cannot be reached for this long after the first intent (or after an operator's
release) leads to `error`. Waiting for a slot is not held against the vendor."""

HOLD_MS = 24 * 60 * 60 * 1000
"""How long an operator has to release a held verification before it becomes `error`."""

_SHORTEST_RETRY_MS = 2_000
_LONGEST_RETRY_MS = 120_000


class CheckRun:
    """One run of the step. `self.verification` is always the value last saved."""

    def __init__(
        self,
        dependencies: Dependencies,
        verification: Verification,
        check: Check,
        deadline: int,
    ) -> None:
        self.dependencies = dependencies
        self.verification = verification
        self.deadline = deadline
        self.check = check
        self.settings = dependencies.settings
        self.slots = Slots(dependencies, self.check)

    def proceed(self) -> None:
        call = self.verification.last_call
        if self.verification.status is Status.HELD:
            self._conclude("call_outcome_unknown", call)
        elif call is not None and call.state is CallState.CALLED:
            self._settle_unknown("interrupted")
        elif call is not None and call.outcome is CallOutcome.ANSWERED:
            self._conclude_from_ledger(call, None)
        elif call is not None and call.outcome is CallOutcome.UNKNOWN and not self._may_recall():
            self._hold_or_fail(call)
        elif self.verification.call_not_before is None and self._tried_for() > GIVE_UP_MS:
            unknown = call is not None and call.outcome is CallOutcome.UNKNOWN
            self._conclude("call_outcome_unknown" if unknown else "vendor_unavailable", call)
        else:
            self._make_call()

    # -- the call ---------------------------------------------------------------------------

    def _make_call(self) -> None:
        now = self._now()
        slot = self.verification.call_not_before
        if slot is None or slot < now:
            slot = self.slots.for_call(now)
        if slot - now > SLOT_WAIT_MS:
            self._postpone(slot - SLOT_LEAD_MS, "slot", slot)
            return
        self._save(
            lifecycle.call_intended(
                self.verification,
                self.check.api.action,
                self.check.called_region,
                now,
                self._lease(),
                version=self.check.api.version,
                face_model=self.check.face_model,
            )
        )
        observability.record(Event.CALL_INTENDED, verification=self.verification.id)
        sources = proven_sources(self.dependencies.bucket, self.verification)
        sizes = {name: source.size for name, source in sources.items()}
        self.slots.wait_for_relay(self.check.relayed(sizes))
        try:
            parameters = self.check.prepare(
                sources,
                self.verification.challenge,
                min(PREPARE_TIMEOUT_SECONDS, self._seconds_left()),
            )
        except VendorRefused as refused:
            self._vendor_refused_preparation(refused)
            return
        except VendorError as error:
            self._retry_later(type(error).__name__)
            return
        except (ObjectMissing, ObjectReplaced, ObjectUnreadable) as lost:
            self._conclude(reason_of_loss(lost, self.verification.id), None)
            return
        usable = self._slot_in_reach(slot)
        if usable is not None:
            self._send(parameters, usable)

    def _slot_in_reach(self, slot: int) -> int | None:
        """The slot, or a new one if it has passed; None if the run ends before it."""
        now = self._now()
        if now > slot + SLOT_LATENESS_MS:
            slot = self.slots.for_call(now)
        needed = RESERVE_SECONDS + self.settings.call_timeout
        if slot - now > SLOT_WAIT_MS or self._seconds_left() - (slot - now) / 1000 < needed:
            self._postpone(max(now, slot - SLOT_LEAD_MS), "slot", slot)
            return None
        return slot

    def _send(self, parameters: dict[str, object], slot: int) -> None:
        self.dependencies.clock.sleep_until(slot - CALLED_LEAD_MS)
        self._save(lifecycle.call_sent(self.verification, self._now(), self._lease()))
        self.dependencies.clock.sleep_until(slot)
        observability.record(Event.CALL_SENT, verification=self.verification.id)
        try:
            answer = self.check.call(parameters, self.settings.call_timeout)
        except (NotSent, SecretUnusable) as error:
            self._settle(CallOutcome.NOT_EXECUTED, billable="no", code="not_sent")
            self._retry_later(type(error).__name__)
            return
        except OutcomeUnknown:
            self._settle_unknown("no_answer")
            return
        code, score = self.check.code_of(answer), self.check.score_of(answer)
        reading = self._read(code, score)
        self._settle(
            reading.outcome, billable=reading.billable, code=code, answer=answer, score=score
        )
        if reading.outcome is CallOutcome.NOT_EXECUTED:
            self._retry_later(code or "no_code")
        elif reading.outcome is CallOutcome.UNKNOWN:
            self._after_unknown()
        else:
            self._conclude_from_ledger(self.verification.calls[-1], self.check.frames_of(answer))

    # -- the ledger -------------------------------------------------------------------------

    def _settle(
        self,
        outcome: CallOutcome,
        *,
        billable: str,
        code: str | None,
        answer: Answer | None = None,
        score: float | None = None,
    ) -> None:
        request_id, latency_ms = (answer.request_id, answer.latency_ms) if answer else (None, None)
        self._save(
            lifecycle.call_settled(
                self.verification,
                self._now(),
                outcome,
                code=code,
                request_id=request_id,
                latency_ms=latency_ms,
                billable=billable,
                score=score,
                codes_date=code_table(self.check.api.codes).date if answer else None,
                lease_until=self._lease(),
            )
        )
        observability.record(
            Event.CALL_SETTLED,
            verification=self.verification.id,
            outcome=outcome.value,
            code=code,
            vendor_request_id=request_id,
            latency_ms=latency_ms,
            billable=billable,
        )

    def _settle_unknown(self, code: str) -> None:
        self._settle(CallOutcome.UNKNOWN, billable="unknown", code=code)
        self._after_unknown()

    def _after_unknown(self) -> None:
        observability.count(Metric.CALL_OUTCOME_UNKNOWN)
        if self._may_recall():
            self._retry_later("call_outcome_unknown")
        else:
            self._hold_or_fail(self.verification.calls[-1])

    def _may_recall(self) -> bool:
        """One recorded re-call: by policy at once, or after an operator released the hold."""
        policy = self.settings.unknown_outcome
        allowed = policy == "recall" or self.verification.released_at is not None
        return allowed and lifecycle.unknown_calls(self.verification) == 1

    def _hold_or_fail(self, call: Call) -> None:
        hold = self.settings.unknown_outcome == "hold"
        if not hold or lifecycle.unknown_calls(self.verification) > 1:
            self._conclude("call_outcome_unknown", call)
            return
        self._save(lifecycle.held(self.verification, self._now() + HOLD_MS))
        observability.record(Event.CALL_HELD, verification=self.verification.id)
        observability.count(Metric.CALL_HELD)

    # -- the decision -----------------------------------------------------------------------

    def _conclude_from_ledger(self, call: Call, frames: tuple[Frame, ...] | None) -> None:
        """Decide by a settled call. `frames` is None when the answer itself is no longer there."""
        reading = self._read(call.code, call.score)
        if not reading.known:
            observability.count(Metric.UNKNOWN_VENDOR_CODE)
        if reading.alert:
            observability.count(Metric.VENDOR_ALERT)
        if reading.decision is Decision.PASSED:
            self.verification = keep_evidence(
                self.dependencies, self.verification, self.check, frames, self._seconds_left()
            )
        self._conclude(reading.reason, call)

    def _conclude(self, reason: str, call: Call | None) -> None:
        code, scores = None, {}
        if call is not None:
            code = call.code
            scores = {} if call.score is None else {self.check.facts.score: call.score}
        verdict = verdict_of(reason, self._now(), code, scores)
        conclude(self.dependencies, self.verification, verdict)

    def _read(self, code: str | None, score: float | None) -> Reading:
        known = self.check
        return read(known.facts, known.api, code, score, self.verification.threshold)

    def _vendor_refused_preparation(self, refused: VendorRefused) -> None:
        observability.record(
            Event.VENDOR_UNREACHED,
            verification=self.verification.id,
            code=refused.code,
            vendor_request_id=refused.request_id,
        )
        reading = self._read(refused.code, None)
        if reading.outcome is not CallOutcome.ANSWERED:
            self._retry_later(refused.code)
            return
        if not reading.known:
            observability.count(Metric.UNKNOWN_VENDOR_CODE)
        observability.count(Metric.VENDOR_ALERT)
        verdict = verdict_of_refusal(reading.reason, self._now(), refused.code)
        conclude(self.dependencies, self.verification, verdict)

    # -- time -------------------------------------------------------------------------------

    def _retry_later(self, why: str) -> None:
        delay = min(max(self._tried_for() // 2, _SHORTEST_RETRY_MS), _LONGEST_RETRY_MS)
        self._postpone(self._now() + delay, why)

    def _tried_for(self) -> int:
        """Milliseconds since a call was first intended, or allowed again by an operator."""
        now = self._now()
        calls = self.verification.calls
        return now - (self.verification.released_at or (calls[0].intent_at if calls else now))

    def _postpone(self, due_at: int, why: str, slot: int | None = None) -> None:
        self._save(lifecycle.postponed(self.verification, due_at, slot))
        observability.record(
            Event.CALL_POSTPONED,
            verification=self.verification.id,
            why=why,
            seconds=round((due_at - self._now()) / 1000, 1),
        )
        self.dependencies.steps.run(Step.RUN_CHECK, self.verification.id, due_at)

    def _lease(self) -> int:
        return self.deadline + LEASE_MARGIN_MS

    def _now(self) -> int:
        return self.dependencies.clock.now()

    def _seconds_left(self) -> float:
        return max(1.0, (self.deadline - self._now()) / 1000 - 1)

    def _save(self, verification: Verification) -> None:
        self.verification = self.dependencies.records.save(verification)
