"""Many decided verifications whose webhooks are due at once, to endpoints of which some hang."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.ids import new_verification_id
from liveproof.domain.lifecycle import decided, input_proven
from liveproof.domain.states import Step
from liveproof.domain.verification import DeliveryState, Input, Proof, Verification
from liveproof.ports import WebhookSender
from liveproof.use_cases.conclude import verdict_of
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.plan import Arrival, Cloud, Disorder, Plan
from simulator.simulation import Simulation, Trace

HANGING_MS = 15_000
"""An endpoint that hangs is tried for so long: the total time of an attempt
(`webhook_schedule.json`)."""

_CHECK = "photo"
_PER_CLIENT = "client {:03d}"


class Backlog(NamedTuple):
    """What is due.

    Attributes:
        deliveries: of all endpoints together, in turn.
        hanging: how many of the endpoints never answer.
        killed: share of the functions' runs that are killed at a random moment.
    """

    cloud: Cloud
    deliveries: int
    endpoints: int
    hanging: int = 0
    killed: float = 0.0
    seed: int = 1


class Delivered(NamedTuple):
    """How the deliveries to the endpoints that answer went.

    Attributes:
        seconds: virtual time until the last one.
        duplicates: webhooks that an endpoint took although it had taken the same one before.
        lost: deliveries that no endpoint took.
        put_off: how often a delivery, of any endpoint, got a turn instead of a permit.
        most_at_hanging: the most attempts that were in flight to one hanging endpoint.
        runs: of the function `deliver_result`.
    """

    seconds: float
    duplicates: int
    lost: int
    put_off: int
    most_at_hanging: int
    runs: int


class _Endpoints:
    """The clients' endpoints: the first ones hang, the others take every webhook."""

    def __init__(self, engine: Engine, latencies: Latencies, hanging: int) -> None:
        self._engine, self._latencies, self._hanging = engine, latencies, hanging
        self._in_flight: Counter[int] = Counter()
        self.most_at_hanging = 0
        self.taken: Counter[str] = Counter()

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        number = int(url.removeprefix("https://client-").partition(".")[0])
        if number < self._hanging:
            self._in_flight[number] += 1
            self.most_at_hanging = max(self.most_at_hanging, self._in_flight[number])
            try:
                self._engine.hold(HANGING_MS)
            finally:
                self._in_flight[number] -= 1
            return WebhookResponse(None, "timed_out", HANGING_MS)
        took = self._latencies.sample("webhook")
        self._engine.hold(took / 2)
        self.taken[headers["webhook-id"]] += 1  # and its sender may die before it knows
        self._engine.hold(took / 2)
        return WebhookResponse(200, None, round(took))


class DeliveryRun(Simulation):
    """A backlog on virtual time, until the deliveries to endpoints that answer are done."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog
        clients = [_PER_CLIENT.format(number) for number in range(backlog.endpoints)]
        arrivals = tuple(
            Arrival(0.0, _CHECK, clients[number % len(clients)])
            for number in range(backlog.deliveries)
        )
        plan = Plan(
            cloud=backlog.cloud,
            arrivals=arrivals,
            disorder=Disorder(killed=backlog.killed),
            seed=backlog.seed,
        )
        super().__init__(plan)
        self._hanging = frozenset(clients[: backlog.hanging])
        self._healthy = sum(arrival.client not in self._hanging for arrival in arrivals)

    def answer(self) -> Delivered:
        """The result. Called after `run`."""
        taken = self._endpoints.taken
        last = max((trace.delivered_at or 0 for trace in self.traces), default=0)
        return Delivered(
            seconds=last / 1_000_000,
            duplicates=taken.total() - len(taken),
            lost=self._healthy - len(taken),
            put_off=self.meter.events["DELIVERY_PUT_OFF"],
            most_at_hanging=self._endpoints.most_at_hanging,
            runs=self.meter.runs["deliver_result"],
        )

    def _build_sender(self, latencies: Latencies) -> WebhookSender:
        self._endpoints = _Endpoints(self.engine, latencies, self._backlog.hanging)
        return self._endpoints

    def _arrive(self) -> None:
        """Every decision is saved at the same moment, and its message sent."""
        for arrival in self.plan.arrivals:
            self.engine.spawn(partial(self._decide, arrival))

    def _decide(self, arrival: Arrival) -> None:
        dependencies = self._use_cases.dependencies
        now = dependencies.clock.now()
        key, trace = "uploads/image", Trace(arrival)
        new = Verification(
            id=new_verification_id(now),
            client=arrival.client,
            check=arrival.check,
            region="ap-singapore",
            created_at=now,
            expires_at=now + 900_000,
            threshold=70.0,
            inputs={"image": Input(md5="0" * 32, size=1, content_type="x/y", keys=(key,))},
        )
        ready = input_proven(new, "image", key, Proof(sha256="0" * 64, etag="etag"), now)
        self.traces.append(trace)
        self._by_id[new.id] = trace
        saved = dependencies.records.save(decided(ready, verdict_of("passed", now)))
        dependencies.steps.request(
            Step.DELIVER_RESULT, saved.id, check=saved.check, client=saved.client
        )

    def _saved(self, verification: Verification) -> None:
        trace = self._by_id[verification.id]
        delivery = verification.delivery
        if delivery is None or delivery.state is not DeliveryState.DELIVERED:
            return
        if trace.delivered_at is None:
            trace.delivered_at = self.engine.now
            self.finished += 1
            if self.finished == self._healthy:
                self.engine.stop()


def deliver(backlog: Backlog) -> Delivered:
    """Run a backlog."""
    run = DeliveryRun(backlog)
    run.run()
    return run.answer()
