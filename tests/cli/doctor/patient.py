"""A deployment on AWS as `liveproof doctor` sees it, in memory: healthy, unless a test
changes something."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from liveproof import __version__
from liveproof.clock import now_ms
from liveproof.domain.endpoint_health import Health, Policy
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.heartbeats import BUCKET_TRIGGER, SWEEP
from liveproof.self_test.code import code_digests, code_table_dates
from liveproof.self_test.run import TRIALS, SelfTest
from liveproof.self_test.trials import Trial
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.queues import Depth, Queue
from liveproof_cli.deployments.scf import Concurrency
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.examining import PROBES, examine
from liveproof_cli.doctor.findings import Finding
from tests.support.memory import MemoryHeartbeats
from tests.support.memory_endpoints import MemoryEndpoints
from tests.support.memory_limits import MemoryLimits
from tests.support.memory_records import MemoryRecords

SETTINGS = {
    "LIVEPROOF_CLOUD": "aws",
    "LIVEPROOF_REGION": "ap-southeast-1",
    "LIVEPROOF_VENDOR_REGION": "ap-singapore",
    "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
    "LIVEPROOF_FILE_TRANSFER": "relay",
    "LIVEPROOF_TABLE": "t",
    "LIVEPROOF_BUCKET": "b",
    "LIVEPROOF_UPLOADS_QUEUE_URL": "u",
    "LIVEPROOF_CHECK_QUEUE_URLS": "{}",
    "LIVEPROOF_DELIVERIES_QUEUE_URL": "d",
    "LIVEPROOF_ERASURES_QUEUE_URL": "e",
    "LIVEPROOF_API_KEYS_SECRET": "a",
    "LIVEPROOF_WEBHOOKS_SECRET": "w",
    "LIVEPROOF_VENDOR_KEY_SECRET": "v",
    "LIVEPROOF_SENSEID_KEY_SECRET": "s",
}


CODE = {path: digest for path, digest in code_digests().items() if path.startswith("self_test/")}
"""Of some files, as a function on Tencent Cloud has them."""


class Functions:
    """Functions whose self-tests find everything well, unless a test changes them."""

    names = tuple(name for name in TRIALS if name != "api")

    def __init__(self, heartbeats: MemoryHeartbeats) -> None:
        self._heartbeats = heartbeats
        self.results = {name: self._well(name) for name in self.names}
        self.errors: dict[str, Exception] = {}
        self.has_trigger = True

    def _well(self, name: str) -> SelfTest:
        trials = tuple(
            Trial(trial, clients=("shop",) if trial in ("api_keys", "webhooks") else ())
            for trial in TRIALS[name]
        )
        return SelfTest(
            name, __version__, "3.13", now_ms(), 120.0, dict(SETTINGS),
            trials=trials, code=CODE, code_tables=code_table_dates(),
        )  # fmt: skip

    def change(self, name: str, trial: str, **changes: Any) -> None:
        result = self.results[name]
        trials = tuple(
            msgspec.structs.replace(candidate, **changes) if candidate.name == trial else candidate
            for candidate in result.trials
        )
        self.results[name] = msgspec.structs.replace(result, trials=trials)

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        (token,) = event.values()
        if name in self.errors:
            raise self.errors[name]
        if name == "create_upload" and self.has_trigger:
            self._heartbeats.beat(BUCKET_TRIGGER, now_ms(), token)
        result = msgspec.structs.replace(self.results[name], now=now_ms())
        return json.loads(msgspec.json.encode(result))


class Queues:
    """Two queues, of which a test says how long they are, and how old."""

    all = (Queue("Uploads", "u", "ud"), Queue("CheckReflect", "c", "cd"))

    def __init__(self) -> None:
        self.depths: dict[str, Depth] = {}
        self.ages: dict[str, int] | Exception = {}

    def depth(self, url: str) -> Depth:
        return self.depths.get(url, Depth(0, 0, 0, 720))

    def oldest_seconds(self) -> Mapping[str, int]:
        if isinstance(self.ages, Exception):
            raise self.ages
        return self.ages


class Account:
    """An account with much room."""

    limit = 1000

    def concurrent_executions(self) -> int:
        return self.limit

    def maximum_concurrency(self, name: str) -> Mapping[str, int]:
        return {"arn": 50}


class Patient:
    """A healthy deployment on AWS."""

    def __init__(self) -> None:
        self.heartbeats = MemoryHeartbeats()
        self.heartbeats.beat(SWEEP, now_ms() - 20_000)
        self.functions: Any = Functions(self.heartbeats)
        self.records = MemoryRecords()
        self.endpoints = MemoryEndpoints(Policy(1, 0, 1))
        self.endpoints.rows["shop"] = Endpoint(health=Health(accepts=True))
        self.limits = MemoryLimits()
        self.queues, self.account = Queues(), Account()
        self.cloud, self.region = "aws", "ap-southeast-1"
        self.concurrency: Callable[[], Concurrency] | None = None
        self.amiss: list[str] = []
        self.distant_region = False

    def findings(self, *probes: str) -> dict[str, list[Finding]]:
        """What the probes of these names find, or all of them."""
        queues: Any = self.queues
        nothing: Any = None
        account: Any = self.account
        deployment = Deployment(
            cloud=self.cloud,
            region=self.region,
            api=None,
            records=self.records,
            endpoints=self.endpoints,
            limits=self.limits,
            heartbeats=self.heartbeats,
            functions=self.functions,
            steps=None,
            store=lambda: self.amiss,
            clients=lambda: ["shop"],
            operator=lambda: "me",
            ask=nothing,
            secret=nothing,
            put_secret=nothing,
            queues=queues,
            account=account,
            concurrency=self.concurrency,
        )
        examination = Examination(
            deployment, lambda error: None, lambda seconds: None,
            distant_region=self.distant_region,
        )  # fmt: skip
        findings: dict[str, list[Finding]] = {}
        chosen = [probe for probe in PROBES if not probes or probe.name in probes]
        for probe, finding in examine(examination, chosen):
            findings.setdefault(probe.name, []).append(finding)
        return findings

    def only(self, probe: str) -> Finding:
        """The one thing that a probe finds."""
        (finding,) = self.findings(probe)[probe]
        return finding
