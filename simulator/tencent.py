"""Tencent Cloud: SCF runs an event in its own container as long as the region has memory.

Sources, as in `tools/local/tencent`: asynchronous invocation, cloud.tencent.com/document/product/
583/41138 (2025-06-30), and the pages on concurrency.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.clouds.tencent.events import handle_messages
from liveproof.clouds.tencent.steps import SWEEP_PERIOD_MS, window_end
from liveproof.domain.states import Step
from liveproof.invocations import Invocation, Message
from liveproof.ports import Window
from simulator import deployment
from simulator.chaos import Chaos
from simulator.engine import EPOCH_MS, MICROSECONDS, Engine, SimulatedClock
from simulator.functions import Function
from simulator.latency import Latencies
from simulator.meter import Meter
from simulator.use_cases import UseCases

_RETRY_MS = 60_000.0
"""An event without room, or whose function failed, is tried again after a minute."""

BUCKET_NAME, APP_ID = "uploads", "1250000000"


class _Event:
    """An asynchronous event with the tries that it has had."""

    __slots__ = ("body", "failures", "function", "received_at", "tries")

    def __init__(self, function: Function, body: object, received_at: int) -> None:
        self.function, self.body, self.received_at = function, body, received_at
        self.failures = self.tries = 0


class Scf:
    """The functions of a region, and the memory that those share which run.

    Attributes:
        most_memory_mb: the most that was in use at once.
        dropped: events whose tries or whose time were used up.
    """

    def __init__(
        self,
        engine: Engine,
        clock: SimulatedClock,
        latencies: Latencies,
        meter: Meter,
        memory_mb: float,
        use_cases: UseCases,
    ) -> None:
        self._engine, self._clock = engine, clock
        self._latencies, self._meter = latencies, meter
        self._use_cases = use_cases
        self._free_mb: dict[str | None, float] = {None: memory_mb}
        """By function that has memory of its own; of None for all others."""
        self._used_mb = self.most_memory_mb = 0.0
        self.dropped = 0

    def reserve(self, name: str, memory_mb: float) -> None:
        """Take memory from the region that is a function's own, and its limit."""
        self._free_mb[name] = memory_mb
        self._free_mb[None] -= memory_mb

    def invoke(self, function: Function, body: object) -> None:
        """Take an event; its function runs in a moment."""
        event = _Event(function, body, self._engine.now)
        self._engine.after(self._latencies.sample("step_delivery"), lambda: self._try(event))

    def _try(self, event: _Event) -> None:
        facts = event.function.facts
        if self._engine.now - event.received_at > facts.retention_seconds * 1_000_000:
            self.dropped += 1
            return
        event.tries += 1
        memory = facts.gigabytes * 1024
        owner = facts.name if facts.name in self._free_mb else None
        if memory > self._free_mb[owner]:
            self._meter.retries["no_memory"] += 1
            self._engine.after(_RETRY_MS, lambda: self._try(event))
            return
        self._meter.receives[event.tries] += 1
        self._free_mb[owner] -= memory
        self._used_mb += memory
        self.most_memory_mb = max(self.most_memory_mb, self._used_mb)

        def ended(raised: BaseException | None) -> None:
            self._free_mb[owner] += memory
            self._used_mb -= memory
            if raised is None:
                return
            event.failures += 1
            if event.failures > facts.retries:
                self.dropped += 1
                return
            self._meter.retries["failed"] += 1
            self._engine.after(_RETRY_MS, lambda: self._try(event))

        event.function.start(lambda deadline: self._work(event, deadline), ended)

    def _work(self, event: _Event, deadline: int) -> None:
        name = event.function.facts.name
        if name == "sweep":
            self._use_cases.sweep(deadline)
            return
        step = Step(name)

        def handle(message: Message) -> None:
            if message.verification_id is not None:
                self._use_cases.run(step, message.verification_id, deadline)
            for key in message.created_keys:
                self._use_cases.created(key)

        run = Invocation(name, "request", deadline, event.function.facts.timeout_seconds)
        handle_messages(
            event.body, run, handle, clock=self._clock, bucket=f"{BUCKET_NAME}-{APP_ID}"
        )


class ScfSteps:
    """The Steps port: `liveproof.clouds.tencent.steps` with functions that are here."""

    def __init__(
        self,
        engine: Engine,
        clock: SimulatedClock,
        latencies: Latencies,
        meter: Meter,
        scf: Scf,
        functions: Mapping[str, Function],
        chaos: Chaos,
    ) -> None:
        self._engine, self._clock, self._latencies = engine, clock, latencies
        self._meter = meter
        self._scf, self._functions, self._chaos = scf, functions, chaos

    def lookahead(self, now: int) -> Window | None:
        until = window_end(now)
        return Window(after=until - SWEEP_PERIOD_MS, until=until)

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        now = self._clock.now()
        message: dict[str, Any] = {"id": verification_id}
        if at is not None and at > now:
            if at > window_end(now):
                return
            message["at"] = at
        self._engine.hold(self._latencies.sample("step_request"))
        self._meter.operations["message"] += 1
        for _ in range(self._chaos.copies()):
            self._engine.after(
                self._chaos.delay_ms(),
                lambda: self._scf.invoke(self._functions[step.value], message),
            )

    def has_backlog(self, step: Step, check: str | None) -> bool:
        return False


class Tencent:
    """The functions of a deployment and what starts them."""

    def __init__(
        self,
        engine: Engine,
        clock: SimulatedClock,
        latencies: Latencies,
        meter: Meter,
        use_cases: UseCases,
        functions: Mapping[str, Function],
        memory_mb: float,
        chaos: Chaos,
    ) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._functions, self._chaos = functions, chaos
        self.scf = Scf(engine, clock, latencies, meter, memory_mb, use_cases)
        for name, reserved in deployment.reserved_mb().items():
            self.scf.reserve(name, reserved)
        self.steps = ScfSteps(engine, clock, latencies, meter, self.scf, functions, chaos)

    def start(self) -> None:
        """Start the timer of the sweep, which is aligned to the full minute."""
        since = (EPOCH_MS + self._engine.now // MICROSECONDS) % SWEEP_PERIOD_MS
        self._engine.after(SWEEP_PERIOD_MS - since, self._sweep)

    def object_created(self, key: str) -> None:
        """COS's trigger for a new object."""
        record = {
            "cos": {
                "cosBucket": {"name": BUCKET_NAME, "appid": APP_ID},
                "cosObject": {"key": f"/{APP_ID}/{BUCKET_NAME}/{key}"},
            },
            "event": {"eventName": "cos:ObjectCreated:Put"},
        }
        self._meter.operations["message"] += 1
        for _ in range(self._chaos.copies()):
            self._engine.after(
                self._latencies.sample("bucket_event") + self._chaos.delay_ms(),
                lambda: self.scf.invoke(self._functions["verify_upload"], {"Records": [record]}),
            )

    @property
    def dead_letters(self) -> int:
        """Events that SCF dropped."""
        return self.scf.dropped

    def _sweep(self) -> None:
        self._engine.after(SWEEP_PERIOD_MS, self._sweep)
        self.scf.invoke(self._functions["sweep"], {"Type": "Timer"})
