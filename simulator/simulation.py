"""One run of a plan: the deployment, what arrives, and what became of each verification."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from liveproof.admission import Admission
from liveproof.checks.check import Check
from liveproof.checks.faceid import FileAccess
from liveproof.checks.registry import build_vendors
from liveproof.clouds.aws.admission import AlwaysAdmits
from liveproof.clouds.tencent.sql.admission import Limit
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.requests import CreateVerification, DeclaredChallenge
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.endpoints import policy_of
from liveproof.ports import Source, Steps, WebhookSender
from liveproof.secret_documents import ApiClient
from liveproof.settings import Settings
from liveproof.use_cases.create_verification import create_verification
from simulator import deployment
from simulator.admission import SimulatedAdmission
from simulator.aws import Aws
from simulator.bucket import SimulatedBucket, SimulatedSecrets, contents, declarations
from simulator.chaos import Chaos
from simulator.defaults import latency_of
from simulator.endpoints import SimulatedEndpoints
from simulator.engine import Engine, SimulatedClock
from simulator.functions import Function, Kills
from simulator.heartbeats import SimulatedHeartbeats
from simulator.latency import Latencies, Latency
from simulator.limits import SimulatedLimits
from simulator.meter import Meter
from simulator.plan import Arrival, Plan, api_of
from simulator.quiet import quiet
from simulator.quota import SimulatedQuota
from simulator.settings import secrets_of, settings_of
from simulator.store import SimulatedRecords
from simulator.tencent import Tencent
from simulator.use_cases import UseCases
from simulator.vendor import Faults, SimulatedCheck, Vendor

_PATIENCE_SECONDS = 48 * 3600.0
"""So long after the last arrival a run ends, whatever is unfinished."""

_MOST_ASKING = 1_000
"""So many requests for a verification are answered at once; a larger burst takes moments longer.
Each of them is a piece of work that waits, and takes memory."""

_API_CLIENT = ApiClient(("0" * 64,))

Progress = Callable[[int, int, float], None]
"""Takes how many are finished, of how many, and the virtual time in seconds."""


class Trace:
    """What became of a verification; times in microseconds since the start, None if never."""

    __slots__ = ("check", "client", "decided_at", "decision", "delivered_at", "put_at", "reason")

    def __init__(self, arrival: Arrival) -> None:
        self.check, self.client = arrival.check, arrival.client
        self.put_at: int | None = None
        self.decided_at: int | None = None
        self.delivered_at: int | None = None
        self.decision: str | None = None
        self.reason: str | None = None


class Platform(Protocol):
    """What starts functions on a cloud."""

    @property
    def steps(self) -> Steps: ...

    @property
    def dead_letters(self) -> int:
        """Messages that nobody handled."""

    def start(self) -> None:
        """Start whatever runs by itself."""

    def object_created(self, key: str) -> None:
        """The bucket tells of a new object."""


class _BucketFiles:
    """Face ID reads the deployment's own bucket."""

    relays = False

    def url_for(self, target_action: str, source: Source, timeout: float) -> str:
        raise NotImplementedError("the simulated check reads the bucket itself")


class _Endpoint:
    """The clients' endpoints, which take every webhook."""

    def __init__(self, engine: Engine, latencies: Latencies) -> None:
        self._engine, self._latencies = engine, latencies

    def send(self, url: str, headers: Any, body: bytes, seconds_left: float) -> WebhookResponse:
        took = self._latencies.sample("webhook")
        self._engine.hold(took)
        return WebhookResponse(status=200, error=None, latency_ms=round(took))


class Simulation:
    """A deployment on virtual time.

    Attributes:
        traces: of every verification, in the order of arrival.
    """

    def __init__(self, plan: Plan, progress: Progress | None = None) -> None:
        self.plan, self._progress = plan, progress
        self.engine, self.meter = Engine(), Meter()
        self.traces: list[Trace] = []
        self.finished = 0
        self._by_id: dict[str, Trace] = {}
        self._asking = 0
        clock = SimulatedClock(self.engine)
        latencies = Latencies(plan.cloud, plan.seed, plan.operations)
        self._latencies = latencies
        kills = Kills(plan.disorder.killed, plan.seed)
        self.functions = {
            name: Function(
                function._replace(
                    timeout_seconds=plan.time_limits.get(name, function.timeout_seconds)
                ),
                self.engine,
                clock,
                latencies,
                self.meter,
                kills,
            )
            for name, function in deployment.functions(plan.cloud).items()
        }
        self.bucket = SimulatedBucket(self.engine, latencies, self.meter)
        self.records = SimulatedRecords(self.engine, latencies, self.meter, self._saved)
        limits = {api_of(check).action: plan.quota_of(check) for check in plan.checks}
        settings = settings_of(plan)
        limits["CreateUploadUrl"] = settings.upload_urls_per_second
        troubles = plan.troubles
        faults = Faults(troubles.errors, troubles.unanswered, troubles.outages)
        self.vendor = Vendor(self.engine, latencies, limits, faults, plan.seed)
        self._use_cases = UseCases()
        self.platform: Platform = self._build_platform(clock, latencies)
        secrets = SimulatedSecrets(secrets_of(plan))
        files: FileAccess | None = _BucketFiles() if plan.cloud == "tencent" else None
        vendors = build_vendors(settings, secrets, files)
        self._use_cases.dependencies = Dependencies(
            settings=settings,
            clock=clock,
            records=self.records,
            bucket=self.bucket,
            steps=self.platform.steps,
            secrets=secrets,
            quota=SimulatedQuota(self.engine, latencies, self.meter),
            admission=self._build_admission(settings, latencies),
            endpoints=SimulatedEndpoints(self.engine, latencies, self.meter, policy_of(settings)),
            heartbeats=SimulatedHeartbeats(),
            limits=SimulatedLimits(self.engine, latencies, self.meter),
            webhook_sender=self._build_sender(latencies),
            checks={
                name: self._simulated(check, latencies) for name, check in vendors.checks.items()
            },
            reflect_sequences=vendors.reflect_sequences,
        )

    def run(self) -> None:
        """Run until every verification is decided and delivered, or patience ends.

        Raises:
            Exception: what the use cases raise where no platform would catch it.
        """
        last = max((arrival.at for arrival in self.plan.arrivals), default=0.0)
        with quiet(self.meter, self.plan.seed):
            self.platform.start()
            self.engine.spawn(self._arrive)
            self.engine.after((last + _PATIENCE_SECONDS) * 1000, self.engine.stop)
            self.engine.run()

    def _build_platform(self, clock: SimulatedClock, latencies: Latencies) -> Platform:
        plan, disorder = self.plan, self.plan.disorder
        chaos = Chaos(disorder.lost, disorder.copied, plan.seed, shuffled=disorder.shuffled)
        if plan.cloud == "tencent":
            return Tencent(
                self.engine,
                clock,
                latencies,
                self.meter,
                self._use_cases,
                self.functions,
                plan.memory_mb,
                chaos,
            )
        concurrency = {check: plan.concurrency_of(check) for check in plan.checks}
        return Aws(
            self.engine,
            clock,
            latencies,
            self.meter,
            self._use_cases,
            self.functions,
            concurrency,
            chaos,
        )

    def _build_admission(self, settings: Settings, latencies: Latencies) -> Admission:
        if self.plan.cloud == "aws":
            return AlwaysAdmits()
        limits = {
            check: Limit(self.plan.concurrency_of(check), pace)
            for check, pace in settings.calls_per_second.items()
        }
        return SimulatedAdmission(self.engine, latencies, self.meter, self.records, limits)

    def _build_sender(self, latencies: Latencies) -> WebhookSender:
        return _Endpoint(self.engine, latencies)

    def _simulated(self, check: Check, latencies: Latencies) -> Check:
        percentiles = self.plan.latency.get(check.name) or latency_of(check.name)
        latency = Latency(percentiles, f"{self.plan.seed}.call.{check.name}")
        return SimulatedCheck(
            check,
            self.vendor,
            self.engine,
            latencies,
            self.meter,
            latency,
            reads_bucket=self.plan.cloud == "tencent" and check.api.service == "faceid",
        )

    def _arrive(self) -> None:
        """The apps, one verification after another."""
        for arrival in self.plan.arrivals:
            self.engine.hold_until(round(arrival.at * 1_000_000))
            while self._asking >= _MOST_ASKING:
                self.engine.hold(1)
            self._asking += 1
            trace = Trace(arrival)
            self.traces.append(trace)
            self.engine.spawn(partial(self._ask, arrival, trace))
        if not self.plan.arrivals:
            self.engine.stop()

    def _ask(self, arrival: Arrival, trace: Trace) -> None:
        """A client asks for a verification, and the app uploads its files."""
        began = self.engine.now
        self.engine.hold(self._latencies.sample("own_work"))
        request = CreateVerification(
            check=arrival.check,
            inputs=declarations(arrival.check),
            challenge=_challenge(arrival.check),
            expires_in=86_400,
        )
        verification, uploads = create_verification(
            self._use_cases.dependencies, arrival.client, _API_CLIENT, request, None
        )
        seconds = (self.engine.now - began) / 1_000_000
        self.meter.runs["create"] += 1
        self.meter.gb_seconds["create"] += seconds * deployment.create_gigabytes(self.plan.cloud)
        self._asking -= 1
        self._by_id[verification.id] = trace
        trace.put_at = self.engine.now
        for name, body in contents(arrival.check).items():
            key = uploads[name].url
            self.bucket.upload(key, body)
            self.platform.object_created(key)

    def _saved(self, verification: Verification) -> None:
        """Note what a saved verification says of its progress."""
        if verification.status is not Status.DECIDED or verification.verdict is None:
            return
        trace = self._by_id[verification.id]
        if trace.decided_at is None:
            trace.decided_at = self.engine.now
            trace.decision = verification.verdict.decision.value
            trace.reason = verification.verdict.reason.code
            for declared in verification.inputs.values():
                for key in declared.keys:
                    self.bucket.forget(key)
        if verification.due_at is None and trace.delivered_at is None:
            trace.delivered_at = self.engine.now
            self.finished += 1
            if self._progress is not None:
                self._progress(self.finished, len(self.plan.arrivals), self.engine.seconds)
            if self.finished == len(self.plan.arrivals):
                self.engine.stop()


def _challenge(check: str) -> DeclaredChallenge | None:
    return DeclaredChallenge("silent") if check == "video" else None
