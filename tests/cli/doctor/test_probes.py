"""Each probe of `liveproof doctor`: its verdict and its mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from liveproof.clock import now_ms
from liveproof.domain.endpoint_health import Health
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.verification import WaitingFor
from liveproof.heartbeats import SWEEP
from liveproof.ports import RecordUnreadable
from liveproof_cli.deployments.functions import FunctionFailed, NoFunctions
from liveproof_cli.deployments.queues import Depth
from liveproof_cli.doctor.examining import PROBES
from liveproof_cli.doctor.findings import Verdict
from tests.cli.doctor.patient import SETTINGS, Patient
from tests.support.verifications import verification

PAGE = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text(encoding="utf-8")


@pytest.fixture
def patient() -> Patient:
    return Patient()


def test_every_probe_finds_a_healthy_deployment_well(patient: Patient) -> None:
    findings = patient.findings()
    assert set(findings) == {probe.name for probe in PROBES}
    amiss = [
        one for of_probe in findings.values() for one in of_probe if one.verdict is not Verdict.OK
    ]
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


def awaited(check: str) -> Callable[[Patient], None]:
    """A verification that waits because the vendor fails."""

    def change(patient: Patient) -> None:
        made = verification(check=check, due_at=now_ms() + 60_000)
        patient.records.save(replace(made, waiting_for=WaitingFor.VENDOR))

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
        (awaited("photo"), "vendor", WARNING, "photo that wait for the vendor: 1"),
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
def test_every_fault_is_found_with_its_remedy(
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


def test_an_exception_of_a_probe_is_its_verdict(patient: Patient) -> None:
    patient.records = None  # type: ignore[assignment]
    patient.functions = NoFunctions("no key")

    findings = patient.findings()

    assert set(findings) == {probe.name for probe in PROBES}
    assert all(
        one.verdict is Verdict.COULD_NOT_ASK for one in (*findings["login"], *findings["functions"])
    )
    assert [one.says for one in findings["secrets"]] == ["no key"]
