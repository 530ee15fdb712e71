"""One run of the `run_check` step: slot, intent, relay, call, ledger, decision."""

from __future__ import annotations

from liveproof import observability
from liveproof.checks.check import Check, Frame, Reading
from liveproof.checks.reading import read
from liveproof.dependencies import Dependencies
from liveproof.domain import lifecycle
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Call, CallOutcome, CallState, Decision, Verification
from liveproof.observability import Event, Metric
from liveproof.ports import (
    ObjectMissing,
    ObjectReplaced,
    ObjectUnreadable,
    QuotaFull,
    SecretUnusable,
)
from liveproof.run_times import (
    MARGIN_SECONDS,
    RESERVE_SECONDS,
    SHORTEST_PREPARE_SECONDS,
    preparing_seconds,
)
from liveproof.use_cases.ask_for import ask_for
from liveproof.use_cases.conclude import (
    conclude,
    reason_of_refusal,
    verdict_of,
    verdict_without_answer,
)
from liveproof.use_cases.keep_evidence import keep_evidence
from liveproof.use_cases.retries import (
    LONGEST_RETRY_MS,
    MOST_RUNS,
    SHORTEST_RETRY_MS,
    VENDOR_FAILURES,
    retry_delay,
)
from liveproof.use_cases.settle_call import Settlement, settle_call, settlement_of
from liveproof.use_cases.slots import (
    CALLED_LEAD_MS,
    SLOT_LATENESS_MS,
    SLOT_LEAD_MS,
    SLOT_WAIT_MS,
    Slots,
    lead_of,
)
from liveproof.use_cases.uploads import proven_sources, reason_of_loss
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorError, VendorRefused

HOLD_MS = 24 * 60 * 60 * 1000
"""How long an operator has to release a held verification before it becomes `error`."""


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
        self.began = dependencies.clock.now()
        self.check = check
        self.settings = dependencies.settings
        self.slots = Slots(dependencies, self.check)

    def proceed(self) -> None:
        call = self.verification.last_call
        if self.verification.status is Status.HELD:
            self._conclude_without_answer("call_outcome_unknown")
        elif call is not None and call.state is CallState.CALLED:
            self._settle_unknown("interrupted")
        elif call is not None and call.outcome is CallOutcome.ANSWERED:
            self._conclude_from_ledger(call, None)
        elif call is not None and call.outcome is CallOutcome.UNKNOWN and not self._may_recall():
            self._hold_or_fail()
        elif self.verification.runs >= MOST_RUNS:
            observability.count(Metric.RUNS_EXHAUSTED)
            self._conclude_without_answer("not_finished")
        else:
            self._make_call()

    # -- the call ---------------------------------------------------------------------------

    def _make_call(self) -> None:
        now = self._now()
        slot, lead = self.verification.call_not_before, lead_of(self.verification)
        if slot is None or slot - now < lead - SLOT_LEAD_MS:
            slot = self.slots.for_call(now)
            if slot - now > max(SLOT_WAIT_MS, lead):
                self._postpone(slot - lead, "slot", slot)
                return
        sources = proven_sources(self.dependencies.bucket, self.verification)
        sizes = {name: source.size for name, source in sources.items()}
        try:
            relay_at = self.slots.for_relay(self.check.relayed(sizes))
        except QuotaFull:
            self._postpone(now + SHORTEST_RETRY_MS, "relay_slot")
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
        self.dependencies.clock.sleep_until(relay_at)
        seconds = preparing_seconds(self._seconds_left(), self.settings.call_timeout_seconds)
        if seconds < SHORTEST_PREPARE_SECONDS:
            self._postpone(self._now() + SHORTEST_RETRY_MS, "out_of_time")
            return
        try:
            parameters = self.check.prepare(sources, self.verification.challenge, seconds)
        except VendorRefused as refused:
            self._vendor_refused_preparation(refused)
            return
        except VendorError as error:
            self._vendor_failed(type(error).__name__)
            return
        except (ObjectMissing, ObjectReplaced, ObjectUnreadable) as lost:
            self._conclude_without_answer(reason_of_loss(lost, self.verification.id))
            return
        usable = self._slot_in_reach(slot)
        if usable is not None:
            self._send(parameters, usable)

    def _slot_in_reach(self, slot: int) -> int | None:
        """The slot, or a new one if it has passed; None if the run ends before it."""
        now = self._now()
        if now > slot + SLOT_LATENESS_MS:
            slot = self.slots.for_call(now)
        needed = RESERVE_SECONDS + self.settings.call_timeout_seconds
        if slot - now > SLOT_WAIT_MS or self._seconds_left() - (slot - now) / 1000 < needed:
            lead = SLOT_LEAD_MS + now - self.began
            self._postpone(max(now, slot - lead), "slot", slot)
            return None
        return slot

    def _send(self, parameters: dict[str, object], slot: int) -> None:
        self.dependencies.clock.sleep_until(slot - CALLED_LEAD_MS)
        self._save(lifecycle.call_sent(self.verification, self._now(), self._lease()))
        self.dependencies.clock.sleep_until(slot)
        observability.record(Event.CALL_SENT, verification=self.verification.id)
        try:
            answer = self.check.call(parameters, self.settings.call_timeout_seconds)
            code, score = self.check.code_of(answer), self.check.score_of(answer)
            reading = self._read(code, score)
        except (NotSent, SecretUnusable) as error:
            self._settle(Settlement(CallOutcome.NOT_EXECUTED, billable="no", code="not_sent"))
            if isinstance(error, SecretUnusable):
                # A fault of ours, and not of the vendor, who was not asked.
                self._postpone(self._now() + LONGEST_RETRY_MS, type(error).__name__)
                raise
            self._vendor_failed(type(error).__name__)
            return
        except OutcomeUnknown:
            self._settle_unknown("no_answer")
            return
        except Exception:
            # A fault of ours. What came of the call is unknown, and the ledger says so at once.
            self._settle_unknown("no_answer")
            raise
        self._settle(settlement_of(self.check, answer, reading, code, score))
        if reading.outcome is CallOutcome.NOT_EXECUTED:
            self._vendor_failed(code or "no_code")
        elif reading.outcome is CallOutcome.UNKNOWN:
            self._after_unknown()
        else:
            self._conclude_from_ledger(self.verification.calls[-1], self.check.frames_of(answer))

    # -- the ledger -------------------------------------------------------------------------

    def _settle(self, settlement: Settlement) -> None:
        self.verification = settle_call(
            self.dependencies, self.verification, settlement, self._lease()
        )

    def _settle_unknown(self, code: str) -> None:
        self._settle(Settlement(CallOutcome.UNKNOWN, billable="unknown", code=code))
        self._after_unknown()

    def _after_unknown(self) -> None:
        observability.count(Metric.CALL_OUTCOME_UNKNOWN)
        if self._may_recall():
            self._postpone(
                self._now() + retry_delay(self.verification.vendor_failures), "call_outcome_unknown"
            )
        else:
            self._hold_or_fail()

    def _may_recall(self) -> bool:
        """One recorded re-call: by policy at once, or after an operator released the hold."""
        policy = self.settings.unknown_outcome
        allowed = policy == "repeat_once" or self.verification.released_at is not None
        return allowed and lifecycle.unknown_calls(self.verification) == 1

    def _hold_or_fail(self) -> None:
        hold = self.settings.unknown_outcome == "hold"
        if not hold or lifecycle.unknown_calls(self.verification) > 1:
            self._conclude_without_answer("call_outcome_unknown")
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

    def _conclude(self, reason: str, call: Call) -> None:
        scores = {} if call.score is None else {self.check.facts.score: call.score}
        verdict = verdict_of(reason, self._now(), call.code, scores)
        conclude(self.dependencies, self.verification, verdict)

    def _conclude_without_answer(self, reason: str, vendor_code: str | None = None) -> None:
        verdict = verdict_without_answer(self.verification, reason, self._now(), vendor_code)
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
            self._vendor_failed(refused.code)
            return
        if not reading.known:
            observability.count(Metric.UNKNOWN_VENDOR_CODE)
        observability.count(Metric.VENDOR_ALERT)
        self._conclude_without_answer(reason_of_refusal(reading.reason), refused.code)

    # -- time -------------------------------------------------------------------------------

    def _vendor_failed(self, why: str) -> None:
        """The vendor was asked at no cost and gave nothing: once more later, or the end."""
        failures = self.verification.vendor_failures
        if failures + 1 >= VENDOR_FAILURES:
            self._conclude_without_answer("vendor_unavailable")
            return
        due_at = self._now() + retry_delay(failures)
        self._save(lifecycle.vendor_failed(self.verification, due_at))
        self._announce_postponed(due_at, why)

    def _postpone(self, due_at: int, why: str, slot: int | None = None) -> None:
        self._save(lifecycle.postponed(self.verification, due_at, slot))
        self._announce_postponed(due_at, why)

    def _announce_postponed(self, due_at: int, why: str) -> None:
        observability.record(
            Event.CALL_POSTPONED,
            verification=self.verification.id,
            why=why,
            seconds=round((due_at - self._now()) / 1000, 1),
        )
        ask_for(self.dependencies, Step.RUN_CHECK, self.verification.id, due_at)

    def _lease(self) -> int:
        return self.deadline + lifecycle.LEASE_MARGIN_MS

    def _now(self) -> int:
        return self.dependencies.clock.now()

    def _seconds_left(self) -> float:
        return max(1.0, (self.deadline - self._now()) / 1000 - MARGIN_SECONDS)

    def _save(self, verification: Verification) -> None:
        self.verification = self.dependencies.records.save(verification)
