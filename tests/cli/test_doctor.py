"""`liveproof doctor`: each probe's verdict and mend, and that a broken deployment is a verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liveproof import __version__
from liveproof.clock import now_ms
from liveproof.domain.endpoint_health import Health, Policy
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.heartbeats import BUCKET_TRIGGER, SWEEP
from liveproof.ports import RecordUnreadable
from liveproof.self_test.run import TRIALS, SelfTest
from liveproof.self_test.trials import Trial
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.functions import FunctionFailed, NoFunctions
from liveproof_cli.deployments.queues import Depth, Queue
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.examining import PROBES, examine
from liveproof_cli.doctor.findings import Finding, Verdict
from tests.support.command_line import Liveproof
from tests.support.memory import MemoryHeartbeats, MemoryRecords
from tests.support.memory_endpoints import MemoryEndpoints
from tests.support.verifications import verification

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text(encoding="utf-8")
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
        return SelfTest(name, __version__, "3.13", now_ms(), 120.0, dict(SETTINGS), trials=trials)

    def change(self, name: str, trial: str, **changes: Any) -> None:
        result = self.results[name]
        trials = tuple(
            msgspec.structs.replace(each, **changes) if each.name == trial else each
            for each in result.trials
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
    """Two queues, of which a test says how long they are."""

    all = (Queue("Uploads", "u", "ud"), Queue("CheckReflect", "c", "cd"))

    def __init__(self) -> None:
        self.depths: dict[str, Depth] = {}

    def depth(self, url: str) -> Depth:
        return self.depths.get(url, Depth(0, 0, 0, 720))


class Account:
    """An account with much room."""

    limit = 1000

    def concurrent_executions(self) -> int:
        return self.limit

    def maximum_concurrency(self, name: str) -> Mapping[str, int]:
        return {"arn": 50}


class Patient:
    """A deployment on AWS where nothing is amiss."""

    def __init__(self) -> None:
        self.heartbeats = MemoryHeartbeats()
        self.heartbeats.beat(SWEEP, now_ms() - 20_000)
        self.functions: Any = Functions(self.heartbeats)
        self.records = MemoryRecords()
        self.endpoints = MemoryEndpoints(Policy(1, 0, 1))
        self.endpoints.rows["shop"] = Endpoint(health=Health(accepts=True))
        self.queues, self.account = Queues(), Account()
        self.amiss: list[str] = []
        self.distant_region = False

    def findings(self, *probes: str) -> dict[str, list[Finding]]:
        """What the probes of these names find, or all of them."""
        queues: Any = self.queues
        nothing: Any = None
        account: Any = self.account
        deployment = Deployment(
            cloud="aws",
            region="ap-southeast-1",
            api=None,
            records=self.records,
            endpoints=self.endpoints,
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
        )
        examination = Examination(
            deployment, lambda error: None, lambda seconds: None,
            distant_region=self.distant_region,
        )  # fmt: skip
        found: dict[str, list[Finding]] = {}
        chosen = [probe for probe in PROBES if not probes or probe.name in probes]
        for probe, finding in examine(examination, chosen):
            found.setdefault(probe.name, []).append(finding)
        return found

    def only(self, probe: str) -> Finding:
        """The one thing that a probe finds."""
        (finding,) = self.findings(probe)[probe]
        return finding


@pytest.fixture
def patient() -> Patient:
    return Patient()


def test_every_probe_finds_a_healthy_deployment_well(patient: Patient) -> None:
    found = patient.findings()
    assert set(found) == {probe.name for probe in PROBES}
    amiss = [one for each in found.values() for one in each if one.verdict is not Verdict.OK]
    assert amiss == [], amiss


def trial(function: str, name: str, why: str) -> Callable[[Patient], None]:
    return lambda patient: patient.functions.change(function, name, failed=why)


def settings(**changes: str) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        for name, result in patient.functions.results.items():
            changed = {**SETTINGS, **{f"LIVEPROOF_{k}": v for k, v in changes.items()}}
            patient.functions.results[name] = msgspec.structs.replace(result, settings=changed)

    return change


def result(name: str, **changes: Any) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        before = patient.functions.results[name]
        patient.functions.results[name] = msgspec.structs.replace(before, **changes)

    return change


def error(name: str, raised: Exception) -> Callable[[Patient], None]:
    return lambda patient: patient.functions.errors.update({name: raised})


def swept(ago_ms: int | None) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        patient.heartbeats.rows.clear()
        if ago_ms is not None:
            patient.heartbeats.beat(SWEEP, now_ms() - ago_ms)

    return change


def health(**fields: Any) -> Callable[[Patient], None]:
    endpoint = Endpoint(health=Health(**fields))
    return lambda patient: patient.endpoints.rows.update({"shop": endpoint})


def depth(url: str, waiting: int) -> Callable[[Patient], None]:
    return lambda patient: patient.queues.depths.update({url: Depth(waiting, 0, 0, 720)})


def overdue(ago_ms: int) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        patient.records.save(verification(due_at=now_ms() - ago_ms))

    return change


def attribute(name: str, value: Any) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        where, _, field = name.rpartition(".")
        setattr(getattr(patient, where) if where else patient, field, value)

    return change


FAILED, WARNING, UNKNOWN = Verdict.FAILED, Verdict.WARNING, Verdict.COULD_NOT_ASK
NOW = now_ms()


@pytest.mark.parametrize(
    ("broken", "probe", "verdict", "words"),
    [
        (error("sweep", FunctionFailed("sweep: boom")), "functions", FAILED, "sweep: boom"),
        (error("sweep", OSError("no route")), "functions", UNKNOWN, "sweep cannot be invoked"),
        (trial("run_check", "write_evidence", "403"), "functions", FAILED, "cannot write evidence"),
        (result("sweep", refused="LIVEPROOF_X is 1"), "settings", FAILED, "sweep: LIVEPROOF_X"),
        (result("sweep", settings={}), "settings", FAILED, "not the same in every function"),
        (result("run_check", time_limit_seconds=20.0), "settings", FAILED, "CALL_TIMEOUT"),
        (settings(VENDOR_REGION="ap-hongkong"), "region", FAILED, "beside it is ap-singapore"),
        (
            settings(VENDOR_REGION="ap-hongkong", ALLOW_DISTANT_VENDOR_REGION="true"),
            "region", WARNING, "the setting allows it",
        ),
        (settings(REGION="ap-east-1"), "region", FAILED, "the deployment is in"),
        (trial("create_upload", "api_keys", "no JSON"), "secrets", FAILED, "every request"),
        (trial("deliver_result", "webhook_key", "KMS"), "secrets", FAILED, "no webhook is sent"),
        (
            lambda p: p.functions.change("webhooks", "webhooks", clients=()),
            "secrets", WARNING, "shop has an API key and no webhook endpoint",
        ),
        (
            trial("run_check", "vendor", "the vendor refuses: AuthFailure.SecretIdNotFound"),
            "vendor", FAILED, "AuthFailure",
        ),
        (
            trial("run_check", "vendor", "the vendor refuses: RequestLimitExceeded"),
            "vendor", WARNING, "RequestLimitExceeded",
        ),
        (trial("run_check", "senseid", "x does not answer"), "vendor", FAILED, "SenseID"),
        (
            lambda p: p.functions.change("run_check", "vendor_clock", skew_ms=-300_000),
            "clock", FAILED, "run_check and the vendor differ by 5 min",
        ),
        (
            lambda p: p.functions.change("create_upload", "upload", skew_ms=40_000),
            "clock", WARNING, "the bucket differ by 40",
        ),
        (attribute("functions.has_trigger", value=False), "bucket-trigger", FAILED, "did not come"),
        (trial("create_upload", "upload", "403"), "bucket-trigger", FAILED, "could not upload"),
        (swept(None), "schedule", FAILED, "has not run yet"),
        (swept(400_000), "schedule", FAILED, "6 min"),
        (overdue(400_000), "overdue", WARNING, "overdue verifications: 1"),
        (overdue(2_000_000), "overdue", FAILED, "33 min"),
        (depth("u", 5_000), "queues", WARNING, "5000 messages wait in Uploads"),
        (depth("cd", 3), "dead-letters", FAILED, "3 messages of CheckReflect"),
        (attribute("account.limit", 10), "account", FAILED, "10 functions at once"),
        (attribute("account.limit", 200), "account", WARNING, "little is left"),
        (
            health(failing_since=NOW - 60_000, paused_at=NOW - 60_000, failed_answer="410"),
            "endpoints", FAILED, "paused",
        ),
        (health(failing_since=NOW - 60_000), "endpoints", WARNING, "failing"),
        (health(), "endpoints", WARNING, "accepted nothing yet"),
        (result("sweep", version="0.0.9"), "versions", FAILED, "several versions"),
        (attribute("amiss", ["the index unfinished is missing"]), "versions", FAILED, "the index"),
    ],
)  # fmt: skip
def test_what_is_broken_is_found_with_its_mend(
    patient: Patient,
    broken: Callable[[Patient], None],
    probe: str,
    verdict: Verdict,
    words: str,
) -> None:
    broken(patient)

    amiss = [one for one in patient.findings(probe)[probe] if one.verdict is not Verdict.OK]

    assert words in amiss[0].says, amiss
    assert (amiss[0].verdict, bool(amiss[0].mend)) == (verdict, True)
    assert f"\n## {probe}\n" in PAGE


def test_another_place_is_allowed_by_an_option(patient: Patient) -> None:
    settings(VENDOR_REGION="ap-hongkong")(patient)
    patient.distant_region = True

    assert "--allow-distant-region" in patient.only("region").says


def test_a_record_that_cannot_be_read_is_named(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue(0)(patient)

    def refuse(id: str) -> None:
        raise RecordUnreadable(id)

    monkeypatch.setattr(patient.records, "load", refuse)
    assert "cannot be read" in patient.only("overdue").says


def test_whatever_a_probe_raises_is_its_verdict(patient: Patient) -> None:
    patient.records = None  # type: ignore[assignment]
    patient.functions = NoFunctions("no key")

    found = patient.findings()

    assert set(found) == {probe.name for probe in PROBES}
    assert all(
        one.verdict is Verdict.COULD_NOT_ASK for one in (*found["login"], *found["functions"])
    )
    assert [one.says for one in found["secrets"]] == ["no key"]


@pytest.mark.usefixtures("named")
def test_a_deployment_without_a_key_for_its_functions_is_told_so(liveproof: Liveproof) -> None:
    done = liveproof("doctor", "--json", "--only", "functions", "--only", "login")

    assert done.status == 1
    assert [(line["probe"], line["verdict"]) for line in done.lines] == [
        ("login", "ok"),
        ("functions", "could_not_ask"),
    ]
    assert "TENCENTCLOUD_SECRET_ID" in done.lines[1]["says"]


def test_a_deployment_that_cannot_be_opened_is_a_verdict(liveproof: Liveproof) -> None:
    done = liveproof("doctor", "--json", "--deployment", "aws:test@ap-southeast-1")

    assert done.status == 1
    assert done.lines[0]["verdict"] == "failed"
    assert "AWS_PROFILE" in done.lines[0]["says"]
    assert {line["verdict"] for line in done.lines[1:]} == {"could_not_ask"}
    assert len(done.lines) == len(PROBES)


@pytest.mark.usefixtures("named")
def test_all_well_ends_with_0(liveproof: Liveproof) -> None:
    assert liveproof("doctor", "--only", "login").status == 0


def test_the_probes_can_be_listed_without_a_deployment(liveproof: Liveproof) -> None:
    done = liveproof("doctor", "--list", "--json")

    assert done.status == 0
    assert [line["probe"] for line in done.lines] == [probe.name for probe in PROBES]


@pytest.mark.parametrize("arguments", [("--only", "weather"), ("--wait", "-1"), ()])
def test_a_misuse_ends_with_2(liveproof: Liveproof, arguments: tuple[str, ...]) -> None:
    assert liveproof("doctor", *arguments).status == 2
