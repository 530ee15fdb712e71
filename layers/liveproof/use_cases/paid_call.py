"""The moves of a paid call that `domain/next_move.py` chooses: relay, slot, call, ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from liveproof import observability
from liveproof.checks.check import Check
from liveproof.checks.frames import Frame
from liveproof.checks.reading import Reading, interpret, load_tables
from liveproof.dependencies import Dependencies
from liveproof.domain import lifecycle, run_times
from liveproof.domain import next_move as moves
from liveproof.domain.lease import lease_until
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.pace import LEAD_MS
from liveproof.domain.retries import LONGEST_RETRY_MS, SHORTEST_RETRY_MS
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, Verification, WaitingFor
from liveproof.observability import Event, Metric
from liveproof.ports import ObjectMissing, ObjectReplaced, ObjectUnreadable, SecretUnusable, Source
from liveproof.quota import QuotaFull, VendorDown
from liveproof.use_cases.conclude import conclude, publish_decision, verdict_without_answer
from liveproof.use_cases.decide_by_call import decide_by_call
from liveproof.use_cases.put_off_check import put_off_check
from liveproof.use_cases.refused_preparation import reason_of_refused_preparation
from liveproof.use_cases.settle_call import (
    NOT_SENT,
    Change,
    build_settlement,
    refusal_of,
    settle_call,
)
from liveproof.use_cases.uploads import proven_sources, reason_of_loss
from liveproof.use_cases.vendor_slots import (
    health_of_calls,
    health_of_relay,
    probes_given_back,
    reserve_call,
    reserve_relay,
)
from liveproof.vendors import errors

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection


class PaidCall:
    """One run of `run_check` for one verification.

    Attributes:
        verification: always the value last saved.
    """

    def __init__(
        self,
        dependencies: Dependencies,
        verification: Verification,
        check: Check,
        deadline: int,
    ) -> None:
        self.verification = verification
        self._dependencies = dependencies
        self._check = check
        self._deadline = deadline
        self._call_timeout = dependencies.settings.call_timeout_seconds
        self._policy = moves.UnknownPolicy(dependencies.settings.unknown_outcome)
        self._calls = health_of_calls(dependencies, check)
        self._relays = health_of_relay(dependencies, check)

    def proceed(self) -> None:
        """Move the verification on, as far as this run can.

        Raises:
            Conflict: another change came first.
        """
        with probes_given_back(self._calls, self._relays):
            self._make(moves.next_move(self.verification, self._policy, self._now()))

    def _make(self, move: moves.Move) -> None:
        match move:
            case moves.Decide():
                self._decide(None)
            case moves.SettleInterrupted():
                self._settle_unknown("interrupted")
            case moves.Hold():
                self._hold(move.until)
            case moves.GiveUp():
                self._give_up(move.reason)
            case moves.MakeCall():
                self._make_call()
            case moves.Wait():
                self._wait(move)

    def _make_call(self) -> None:
        """Win the right to the call, bring the files to the vendor, take a slot, call in it."""
        load_tables(self._check.api)
        # Who waits for the vendor already asks first, and brings no files in vain.
        if self.verification.waiting_for is WaitingFor.VENDOR and not self._calls.may_try():
            self._make(moves.move_while_down(self.verification, self._now()))
            return
        sources = proven_sources(self._dependencies.bucket, self.verification)
        sizes = {name: source.size for name, source in sources.items()}
        now = self._now()
        latest = run_times.latest_relay_slot(now, self._deadline, self._call_timeout)
        if latest < now:
            self._intend()
            self._wait(moves.Wait(now + SHORTEST_RETRY_MS, "out_of_time"))
            return
        try:
            count = self._check.relay_count(sizes)
            relay_at = reserve_relay(self._dependencies, self._check, count, latest)
            self._intend()
            self._dependencies.clock.sleep_until(relay_at)
            parameters = self._relay(sources)
            if parameters is None:
                return
            if count:
                self._relays.report_success()
            latest = run_times.latest_call_slot(self._now(), self._deadline, self._call_timeout)
            slot = reserve_call(self._dependencies, self._check, latest)
        except QuotaFull as full:
            self._wait(moves.move_without_slot(self.verification, full.free_at, self._now()))
            return
        except VendorDown:
            self._make(moves.move_while_down(self.verification, self._now()))
            return
        self._send(parameters, slot)

    def _intend(self) -> None:
        """Win the right to the call, with a lease until this function is gone."""
        self._save(
            lifecycle.call_intended(
                self.verification,
                self._check.api.action,
                self._check.called_region,
                self._now(),
                self._lease(),
                version=self._check.api.version,
                face_model=self._check.face_model,
            )
        )
        observability.record(Event.CALL_INTENDED, verification=self.verification.id)

    def _relay(self, sources: dict[str, Source]) -> dict[str, object] | None:
        """The call's parameters, or None where the verification goes another way."""
        seconds = run_times.preparing_seconds(self._seconds_left(), self._call_timeout)
        if seconds < run_times.SHORTEST_PREPARE_SECONDS:
            self._wait(moves.Wait(self._now() + SHORTEST_RETRY_MS, "out_of_time"))
            return None
        try:
            return self._check.prepare(sources, self.verification.challenge, seconds)
        except errors.VendorRefused as refused:
            self._vendor_refused_preparation(refused)
        except errors.VendorError as error:
            self._vendor_failed(type(error).__name__)
            self._relays.report_failure()
        except (ObjectMissing, ObjectReplaced, ObjectUnreadable) as lost:
            self._give_up(reason_of_loss(lost, self.verification.id))
        return None

    def _send(self, parameters: dict[str, object], slot: int) -> None:
        """The paid call in its slot, recorded before it leaves."""
        clock = self._dependencies.clock
        clock.sleep_until(slot - LEAD_MS)
        with self._connect((slot - self._now()) / 1000) as connection:
            self._save(lifecycle.call_sent(self.verification, self._now(), self._lease()))
            if self._now() > run_times.latest_departure(self._deadline, self._call_timeout):
                self._settle(NOT_SENT)
                self._wait(moves.Wait(self._now() + SHORTEST_RETRY_MS, "out_of_time"))
                return
            observability.record(Event.CALL_SENT, verification=self.verification.id)
            self._call(parameters, connection, lambda: clock.sleep_until(slot))

    def _connect(self, seconds: float) -> AbstractContextManager[Connection | None]:
        try:
            return self._check.connect(seconds)
        except SecretUnusable as error:
            # A fault of ours, before anything left: a later run finds the ledger as it was.
            self._wait(moves.Wait(self._now() + LONGEST_RETRY_MS, type(error).__name__))
            raise

    def _call(
        self, parameters: dict[str, object], connection: Connection | None, wait: Callable[[], None]
    ) -> None:
        """Make the paid call. How it ends is recorded before anything else is done.

        Args:
            wait: for the slot. The request is built before, so that other work does not delay it.
        """
        try:
            answer = self._check.call(parameters, self._call_timeout, connection, wait)
            answered = self._check.read(answer)
            reading = self._interpret(answered.code, answered.score)
        except (errors.NotSent, SecretUnusable) as error:
            self._settle(NOT_SENT)
            if isinstance(error, SecretUnusable):
                # A fault of ours, and not of the vendor, who was not asked.
                self._wait(moves.Wait(self._now() + LONGEST_RETRY_MS, type(error).__name__))
                raise
            self._vendor_failed(type(error).__name__)
            self._calls.report_failure()
            return
        except errors.KeyReplaced as replaced:
            self._settle(refusal_of(replaced))
            self._wait(moves.Wait(self._now() + SHORTEST_RETRY_MS, "key_replaced"))
            return
        except errors.OutcomeUnknown:
            self._settle_unknown("no_answer")
            self._calls.report_failure()
            return
        except Exception:
            # A fault of ours. What came of the call is unknown, and the ledger says so at once.
            self._settle_unknown("no_answer")
            raise
        settlement = build_settlement(answer, answered.code, reading)
        has_frames = reading.decision is Decision.PASSED and bool(answered.frames)
        # Where nothing is to be fetched, the decision is saved with the outcome.
        is_enough = reading.outcome is CallOutcome.ANSWERED and not has_frames
        self._settle(settlement, self._decision if is_enough else None)
        if is_enough:
            publish_decision(self._dependencies, self.verification)
        elif reading.outcome is CallOutcome.NOT_EXECUTED:
            self._vendor_failed(answered.code or "no_code")
        elif reading.outcome is CallOutcome.UNKNOWN:
            self._after_unknown()
        else:
            self._decide(answered.frames)
        # Last: this write may fail, too, and nothing of the verification may be lost with it.
        self._calls.report(reading)

    def _settle(self, settlement: Settlement, decide: Change | None = None) -> None:
        """Record how the call ended, before anything else is done with its answer."""
        self.verification = settle_call(
            self._dependencies, self.verification, settlement, self._deadline, decide
        )

    def _settle_unknown(self, code: str) -> None:
        self._settle(Settlement(CallOutcome.UNKNOWN, code=code))
        self._after_unknown()

    def _after_unknown(self) -> None:
        observability.count(Metric.CALL_OUTCOME_UNKNOWN)
        self._make(moves.move_after_unknown(self.verification, self._policy, self._now()))

    def _hold(self, until: int) -> None:
        self._save(lifecycle.held(self.verification, until, self._now()))
        observability.record(Event.CALL_HELD, verification=self.verification.id)
        observability.count(Metric.CALL_HELD)

    def _decide(self, frames: tuple[Frame, ...] | None) -> None:
        """Decide by the last call. `frames` is None when the answer itself is no longer there."""
        self._save(self._decision(self.verification, frames))
        publish_decision(self._dependencies, self.verification)

    def _decision(
        self, settled: Verification, frames: tuple[Frame, ...] | None = ()
    ) -> Verification:
        return decide_by_call(
            self._dependencies, self._check, settled, frames, self._seconds_left()
        )

    def _give_up(self, reason: str, vendor_code: str | None = None) -> None:
        if reason == "not_finished" and self.verification.status is not Status.HELD:
            observability.count(Metric.RUNS_EXHAUSTED)
        verdict = verdict_without_answer(self.verification, reason, self._now(), vendor_code)
        conclude(self._dependencies, self.verification, verdict)

    def _interpret(self, code: str | None, score: float | None) -> Reading:
        check = self._check
        return interpret(check.facts, check.api, code, score, self.verification.threshold)

    def _vendor_refused_preparation(self, refused: errors.VendorRefused) -> None:
        reading = self._interpret(refused.code, None)
        reason = reason_of_refused_preparation(self.verification.id, refused, reading)
        if reason is None:
            self._vendor_failed(refused.code)
        else:
            self._give_up(reason, refused.code)
        self._relays.report(reading)

    def _vendor_failed(self, why: str) -> None:
        self._make(moves.move_after_failure(self.verification, why, self._now()))

    def _wait(self, move: moves.Wait) -> None:
        self.verification = put_off_check(self._dependencies, self.verification, move)

    def _lease(self) -> int:
        return lease_until(self._deadline)

    def _now(self) -> int:
        return self._dependencies.clock.now()

    def _seconds_left(self) -> float:
        return run_times.seconds_left(self._deadline, self._now())

    def _save(self, verification: Verification) -> None:
        self.verification = self._dependencies.records.save(verification)
