"""Each probe of `liveproof doctor`: its verdict and its mend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from liveproof.clock import now_ms
from liveproof.domain.endpoint_health import Health
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.limits import Counts, counter_name, day_of
from liveproof.domain.verification import WaitingFor
from liveproof.heartbeats import SWEEP
from liveproof.ports import RecordUnreadable
from liveproof.self_test.run import SelfTest
from liveproof_cli.deployments.functions import FunctionFailed, NoFunctions
from liveproof_cli.deployments.queues import Depth
from liveproof_cli.doctor.examining import PROBES
from liveproof_cli.doctor.findings import Verdict
from tests.cli.doctor.patient import CODE, SETTINGS, Patient
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


def every_result(**changes: Any) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        for name in patient.functions.names:
            result(name, **changes)(patient)

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


APIS = ("DetectReflectLivenessAndCompare", "VideoLivenessCompare", "DetectLiveFaceAccurate")
PRICES = json.dumps(dict.fromkeys(APIS, 0.1))


def limited(counts: Counts, *client: str, **limits: str) -> Callable[[Patient], None]:
    """The settings of a limit, and what the day's counter has reached."""

    def change(patient: Patient) -> None:
        # The test may begin before midnight and end after it.
        for day in (day_of(NOW), day_of(NOW) + 1):
            patient.limits.counters[counter_name(day, *client)] = counts
        settings(PRICES=PRICES, **limits)(patient)

    return change


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
        (attribute("queues.ages", {"Uploads": 700}), "queues", WARNING, "sent 11 min 40 s ago"),
        (attribute("queues.ages", {"CheckReflect": 1_900}), "queues", WARNING, "in CheckReflect"),
        (attribute("queues.ages", OSError("no")), "queues", UNKNOWN, "CloudWatch does not say"),
        (depth("cd", 3), "dead-letters", FAILED, "3 messages of CheckReflect"),
        (attribute("account.limit", 10), "account", FAILED, "10 functions at once"),
        (attribute("account.limit", 200), "account", WARNING, "little is left"),
        (
            limited(Counts(spend=80_000_000), DAILY_SPEND="100"),
            "limits", WARNING, "the deployment: money spent or reserved today: 80 of 100",
        ),
        (
            limited(Counts(spend=100_000_000), DAILY_SPEND="100"),
            "limits", FAILED, "every new verification is refused",
        ),
        (
            limited(Counts(10, 0, 0), "shop", ATTEMPTS_PER_CLIENT_PER_DAY="10"),
            "limits", WARNING, "shop: verifications created today: 10 of 10; its new",
        ),
        (
            limited(Counts(9, 8, 0), "shop", OPEN_VERIFICATIONS_PER_CLIENT="10"),
            "limits", WARNING, "shop: open verifications: 8 of 10",
        ),
        (
            health(failing_since=NOW - 60_000, paused_at=NOW - 60_000, failed_answer="410"),
            "endpoints", FAILED, "paused",
        ),
        (health(failing_since=NOW - 60_000), "endpoints", WARNING, "failing"),
        (health(), "endpoints", WARNING, "accepted nothing yet"),
        (result("sweep", version="0.0.9"), "versions", FAILED, "several versions"),
        (result("sweep", code={}), "versions", FAILED, "sweep: the code is older"),
        (
            result("sweep", code={"self_test/run.py": "0"}),
            "versions", FAILED, "self_test/run.py differs: ",
        ),
        (
            result("sweep", code=dict.fromkeys(CODE, "0")),
            "versions", FAILED, f"self_test/__init__.py (one of {len(CODE)} files) differs: ",
        ),
        (
            result("run_check", code_tables={"faceid": "2026-01-01"}),
            "versions", FAILED, "several code tables of faceid",
        ),
        (
            every_result(code={"self_test/run.py": "0"}),
            "versions", WARNING, "the functions and this command have the version",
        ),
        (every_result(code={"new.py": "0"}), "versions", WARNING, "code: new.py differs"),
        (every_result(version="9.9.9"), "versions", WARNING, "are of version 9.9.9, this command"),
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


def test_limits_that_are_far_away_are_told_with_what_was_spent(patient: Patient) -> None:
    assert "no limit of a client's or of the deployment's day is set" in patient.only("limits").says
    limited(Counts(spend=12_500_000), DAILY_SPEND="100", DAILY_SPEND_PER_CLIENT="50")(patient)

    finding = patient.only("limits")

    assert finding.verdict is Verdict.OK
    assert finding.says.endswith("near, for 1 clients; spent or reserved today: 12.5")


def test_versions_names_the_code_tables(patient: Patient) -> None:
    assert "faceid of 2026-" in patient.only("versions").says


def test_the_self_test_of_an_older_function_can_be_read(patient: Patient) -> None:
    """What it does not know is missing in its answer."""
    answer = {
        "function": "sweep", "version": "0.0.9", "python": "3.13", "now": 0,
        "time_limit_seconds": 60.0, "settings": {},
    }  # fmt: skip
    assert msgspec.convert(answer, SelfTest).code == {}
    # And one of a newer version may say more.
    assert msgspec.convert({**answer, "weather": "fine"}, SelfTest).version == "0.0.9"


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
