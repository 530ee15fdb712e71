"""AWS: messages wait in SQS, and Lambda's event sources start functions for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from liveproof.clouds.aws.steps import BACKLOG, delay_seconds
from liveproof.domain.states import Step
from liveproof.ports import Window
from simulator import deployment
from simulator.chaos import Chaos
from simulator.engine import Engine, SimulatedClock
from simulator.functions import Function
from simulator.latency import Latencies
from simulator.meter import Meter
from simulator.queues import EventSource, Message, Queue
from simulator.use_cases import UseCases

_SWEEP_MS = deployment.sweep_period_seconds("aws") * 1000


class SqsSteps:
    """The Steps port: `liveproof.clouds.aws.steps` with queues that are here."""

    def __init__(
        self,
        engine: Engine,
        clock: SimulatedClock,
        latencies: Latencies,
        queues: Mapping[str, Queue],
        chaos: Chaos,
    ) -> None:
        self._engine, self._clock, self._latencies = engine, clock, latencies
        self._queues, self._chaos = queues, chaos

    def lookahead(self, now: int) -> Window | None:
        return None

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        delay = delay_seconds(self._clock.now(), at)
        if delay is None:
            return
        self._engine.hold(self._latencies.sample("step_request"))
        for _ in range(self._chaos.copies()):
            late = delay + round(self._chaos.delay_ms() / 1000)
            self._queue(step, check).send((step, verification_id), client, late)

    def has_backlog(self, step: Step, check: str | None) -> bool:
        self._engine.hold(self._latencies.sample("step_request"))
        return self._queue(step, check).visible >= BACKLOG

    def _queue(self, step: Step, check: str | None) -> Queue:
        return self._queues[f"run_check.{check}" if step is Step.RUN_CHECK else step.value]


class Aws:
    """The queues, event sources and functions of a deployment.

    Args:
        concurrency: of `run_check`, for each check.
    """

    def __init__(
        self,
        engine: Engine,
        clock: SimulatedClock,
        latencies: Latencies,
        meter: Meter,
        use_cases: UseCases,
        functions: Mapping[str, Function],
        concurrency: Mapping[str, int],
        chaos: Chaos,
    ) -> None:
        self._engine, self._latencies, self._use_cases = engine, latencies, use_cases
        self._functions, self._chaos = functions, chaos
        self.queues: dict[str, Queue] = {}
        for step in deployment.STEPS:
            facts = deployment.queue(step)
            if step == "run_check":
                for check, most in concurrency.items():
                    self._connect(
                        f"run_check.{check}",
                        Queue(engine, facts._replace(concurrency=most), meter),
                        functions[step],
                    )
            else:
                self._connect(step, Queue(engine, facts, meter), functions[step])
        self.steps = SqsSteps(engine, clock, latencies, self.queues, chaos)

    def start(self) -> None:
        """Start the schedule of the sweep."""
        self._engine.after(_SWEEP_MS, self._sweep)

    def object_created(self, key: str) -> None:
        """S3's notification about a new object."""
        for _ in range(self._chaos.copies()):
            delay = self._latencies.sample("bucket_event") + self._chaos.delay_ms()
            self._engine.after(delay, lambda: self.queues["verify_upload"].send(key, None))

    @property
    def dead_letters(self) -> int:
        """Messages that nobody handled."""
        return sum(queue.dead_letters for queue in self.queues.values())

    def _connect(self, name: str, queue: Queue, function: Function) -> None:
        self.queues[name] = queue

        def handle(batch: Sequence[Message], ended: Callable[[Sequence[Message]], None]) -> None:
            failed: list[Message] = []

            def work(deadline: int) -> None:
                for message in batch:
                    try:
                        self._handle(message.body, deadline)
                    except Exception:  # noqa: BLE001 - the message comes again
                        failed.append(message)

            function.start(work, lambda raised: ended(failed if raised is None else batch))

        EventSource(queue, self._engine, self._latencies, handle)

    def _handle(self, body: object, deadline: int) -> None:
        if isinstance(body, str):
            self._use_cases.created(body)
        elif isinstance(body, tuple):
            step, verification_id = body
            self._use_cases.run(step, verification_id, deadline)

    def _sweep(self) -> None:
        self._engine.after(_SWEEP_MS, self._sweep)
        self._functions["sweep"].start(self._use_cases.sweep, lambda _: None)
