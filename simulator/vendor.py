"""The vendors: their limits of requests per second, their latency and their faults; and checks that
ask them.

Everything that a check says of itself, and how its answers are read, is the real check's. Only its
requests are played here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from liveproof import facts
from liveproof.checks.check import Answered, Check
from liveproof.checks.frames import Frame
from liveproof.domain.verification import Challenge
from liveproof.facts import ApiFacts, CheckFacts, CodeKind
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorRefused
from liveproof_emulator.api.rate_limits import RateLimiter
from simulator.bucket import JPEG
from simulator.engine import Engine
from simulator.latency import Latencies, Latency
from simulator.meter import Meter

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection

_CHUNK = 256 * 1024
_CREATE_UPLOAD_URL = "CreateUploadUrl"
_NO_CONNECTION_MS = 5_000.0
"""How long a connection is tried to a vendor that is down."""


class Faults(NamedTuple):
    """What goes wrong at the vendor.

    Attributes:
        error_share: of its answers, how many are an error that costs nothing and may be retried.
        unknown_share: of its answers, how many never come.
        outages: from and until when no connection can be made, in seconds.
    """

    error_share: float = 0.0
    unknown_share: float = 0.0
    outages: tuple[tuple[float, float], ...] = ()


class VendorCall(NamedTuple):
    """A paid call as the vendor sees it. `at` is in microseconds."""

    at: int
    check: str
    throttled: bool


class Vendor:
    """Every product of the vendors.

    Attributes:
        calls: the paid calls that arrived.
        judged: by check, how many were executed and may be billed.
    """

    def __init__(
        self,
        engine: Engine,
        latencies: Latencies,
        limits: Mapping[str, float],
        faults: Faults,
        seed: int,
    ) -> None:
        self._engine, self._latencies, self._faults = engine, latencies, faults
        # Nobody publishes how the vendor counts; a sliding second is the strictest way.
        self._limiter = RateLimiter()
        self._limits = {action: max(1, int(limit)) for action, limit in limits.items()}
        self._chance = random.Random(f"{seed}.faults").random
        self.calls: list[VendorCall] = []
        self.judged: dict[str, int] = {}

    def arrive(self, action: str) -> bool:
        """A request's way to the vendor, and whether it is within the limit there.

        Raises:
            NotSent: the vendor is down.
        """
        seconds = self._engine.seconds
        if any(begin <= seconds < end for begin, end in self._faults.outages):
            self._engine.hold(_NO_CONNECTION_MS)
            raise NotSent("the vendor is down")
        self._engine.hold(self._latencies.sample("vendor_way"))
        limit = self._limits.get(action)
        subject = (action, "region", "key")
        return limit is None or self._limiter.admit(subject, limit, self._engine.seconds)

    def call(self, check: Check, latency: Latency, timeout: float) -> str | None:
        """A paid call; the code of its error, None if the vendor judged.

        Raises:
            NotSent: the vendor is down.
            OutcomeUnknown: no answer came in time.
        """
        admitted = self.arrive(check.api.action)
        self.calls.append(VendorCall(self._engine.now, check.name, not admitted))
        if not admitted:
            self._engine.hold(self._latencies.sample("vendor_way"))
            return find_code(check.api, CodeKind.RATE_LIMITED)
        took = latency.sample()
        if self._chance() < self._faults.error_share:
            self._engine.hold(took)
            return find_code(check.api, CodeKind.RETRYABLE)
        self.judged[check.name] = self.judged.get(check.name, 0) + 1
        if took > timeout * 1000 or self._chance() < self._faults.unknown_share:
            self._engine.hold(timeout * 1000)
            raise OutcomeUnknown("no answer came")
        self._engine.hold(took)
        return None


def find_code(api: ApiFacts, kind: CodeKind) -> str:
    """The first code of a kind that costs nothing, or that passes. Raises LookupError."""
    for code, entry in facts.code_table(api.codes).codes.items():
        if entry.kind is kind and (entry.billable == "no" or kind is CodeKind.PASSED):
            return code
    raise LookupError(f"{api.codes} has no code of the kind {kind.value}")


class SimulatedCheck:
    """A check whose vendor is simulated. Everybody passes, with one best frame.

    Args:
        check: the real one.
        latency: of the paid call.
        relays: files are brought to the vendor; False if it reads them from the bucket.
    """

    def __init__(
        self,
        check: Check,
        vendor: Vendor,
        engine: Engine,
        latencies: Latencies,
        meter: Meter,
        latency: Latency,
        *,
        reads_bucket: bool,
    ) -> None:
        self._check, self._vendor, self._engine = check, vendor, engine
        self._latencies, self._meter, self._latency = latencies, meter, latency
        self._reads_bucket = reads_bucket
        self._passed = find_code(check.api, CodeKind.PASSED)
        self._score = check.facts.threshold_max

    @property
    def name(self) -> str:
        return self._check.name

    @property
    def facts(self) -> CheckFacts:
        return self._check.facts

    @property
    def api(self) -> ApiFacts:
        return self._check.api

    @property
    def region(self) -> str:
        return self._check.region

    @property
    def called_region(self) -> str | None:
        return self._check.called_region

    @property
    def face_model(self) -> str | None:
        return self._check.face_model

    def validate(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        self._check.validate(sizes, challenge)

    def relay_count(self, sizes: Mapping[str, int]) -> int:
        return self._check.relay_count(sizes)

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        relayed = self.relay_count({name: source.size for name, source in sources.items()})
        for number, source in enumerate(sources.values()):
            if number < relayed and not self._vendor.arrive(_CREATE_UPLOAD_URL):
                raise VendorRefused(find_code(self.api, CodeKind.RATE_LIMITED), None)
            if self._reads_bucket and number >= relayed:
                self._meter.operations["bucket_head"] += 1
                self._engine.hold(self._latencies.sample("bucket_open"))
                continue
            with source.open() as stream:
                while stream.read(_CHUNK):
                    pass
            if number < relayed:
                self._engine.hold(self._latencies.sample("relay_file"))
        return {}

    def connect(self, seconds: float) -> AbstractContextManager[None]:
        return nullcontext()  # its time is a part of the way to the vendor

    def call(
        self,
        parameters: dict[str, Any],
        timeout: float,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        if wait is not None:
            wait()
        error = self._vendor.call(self, self._latency, timeout)
        return Answer({}, error, "request", 0)

    def read(self, answer: Answer) -> Answered:
        if answer.error is not None:
            return Answered(answer.error)
        return Answered(self._passed, self._score, (Frame(self._fetch),))

    def _fetch(self, timeout: float) -> bytes:
        self._engine.hold(self._latencies.sample("frame"))
        return JPEG
