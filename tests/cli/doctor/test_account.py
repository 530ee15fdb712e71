"""`liveproof doctor --only account` on Tencent Cloud: the region's memory, what a burst takes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from liveproof_cli.deployments.scf import Concurrency, ScfFunctions
from liveproof_cli.doctor.findings import Finding, Verdict
from liveproof_cli.errors import CannotBeDone
from tests.cli.doctor.patient import Patient

SETTINGS = {
    "LIVEPROOF_CLOUD": "tencent",
    "LIVEPROOF_REGION": "ap-singapore",
    "LIVEPROOF_VENDOR_REGION": "ap-singapore",
    "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
    "LIVEPROOF_FILE_TRANSFER": "bucket",
    "LIVEPROOF_BUCKET": "b-1250000000",
    "LIVEPROOF_DATABASE_URL": "sqlite:////x",
    "LIVEPROOF_FUNCTION_PREFIX": "liveproof-test-",
    "LIVEPROOF_API_KEYS_SECRET": "a:v1",
    "LIVEPROOF_WEBHOOKS_SECRET": "w:v1",
    "LIVEPROOF_VENDOR_KEY_SECRET": "v:v1",
    "LIVEPROOF_SENSEID_KEY_SECRET": "s:v1",
}
SENSEID = {"LIVEPROOF_SENSEID_URL": "http://senseid.internal"}


def found(concurrency: Concurrency, *, memory_mb: int = 256, senseid: bool = False) -> Finding:
    patient = Patient()
    patient.cloud, patient.region = "tencent", "ap-singapore"
    patient.concurrency = lambda: concurrency
    result = patient.functions.results["run_check"]
    changed = msgspec.structs.replace(
        result, settings={**SETTINGS, **(SENSEID if senseid else {})}, memory_mb=memory_mb
    )
    patient.functions.names = ("run_check",)
    patient.functions.results = {"run_check": changed}
    return patient.only("account")


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [(128_000, Verdict.OK), (64_000, Verdict.WARNING), (50_000, Verdict.FAILED)],
)
def test_what_is_not_reserved_must_have_room_for_a_burst(limit: int, verdict: Verdict) -> None:
    """32, 116 and 90 runs of 256 MB: docs/quotas.md."""
    finding = found(Concurrency(limit, 25_600))

    assert finding.verdict is verdict
    assert f"may have {limit} MB at once, of which 25600 MB are reserved" in finding.says
    assert "a burst of video takes 29696 MB, one of every check 60928 MB" in finding.says


def test_a_check_that_is_switched_on_needs_memory_too() -> None:
    assert "every check 71936 MB" in found(Concurrency(128_000, 0), senseid=True).says


def test_a_function_of_an_older_version_does_not_say_its_memory() -> None:
    finding = found(Concurrency(128_000, 0), memory_mb=0)

    assert finding.verdict is Verdict.COULD_NOT_ASK
    assert finding.mend == "deploy this version."


class Answers:
    """SCF, which gives this answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def ask(self, *request: object) -> dict[str, Any]:
        assert request[:4] == ("scf", "2018-04-16", "GetAccount", {})
        return self._answer


@pytest.mark.parametrize(
    ("usage", "limit"),
    [
        ({"UserConcurrencyMemLimit": 100_000}, 100_000),
        ({"UserConcurrencyMemLimit": 200_000}, 128_000),
        ({"UserConcurrencyMemLimit": None}, 128_000),
        ({}, 128_000),
    ],
)
def test_the_lower_limit_counts(usage: dict[str, Any], limit: int) -> None:
    usage = {"TotalConcurrencyMem": 128_000, "TotalAllocatedConcurrencyMem": 0, **usage}
    api: Any = Answers({"AccountUsage": usage})

    assert ScfFunctions(api, {}).concurrency() == Concurrency(limit, 0)


@pytest.mark.parametrize("answer", [{}, {"AccountUsage": None}, {"AccountUsage": {}}])
def test_an_answer_without_the_quota_is_no_quota(answer: dict[str, Any]) -> None:
    api: Any = Answers(answer)

    with pytest.raises(CannotBeDone, match="no concurrency of the region"):
        ScfFunctions(api, {}).concurrency()
