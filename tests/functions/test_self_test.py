"""A function's self-test: what it tries, and that a failure is a result that shows no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import msgspec
import pytest

from liveproof.heartbeats import SELF_TEST as HEARTBEAT
from liveproof.runtime import SELF_TEST, scheduled_function
from liveproof.self_test import run, trials, vendors
from liveproof.self_test.run import TRIALS, SelfTest, self_test
from liveproof.settings import SettingsError
from liveproof.use_cases.uploads import NOBODY, probe_key, probe_token
from liveproof.vendors.tencent.api import TencentApi
from tests.support.deployment import Deployment
from tests.support.lambdas import FUNCTIONS, Context

TOKEN = "0123456789abcdef" * 2
ENVIRONMENT = {"LIVEPROOF_REGION": "ap-southeast-1", "AWS_SESSION_TOKEN": "secret-word"}


@pytest.fixture
def answers() -> Iterator[list[str]]:
    """The URLs that are asked; each answers 200."""
    urls: list[str] = []

    def answer(method: str, url: str, headers: Any, body: Any) -> tuple[int, int]:
        urls.append(url)
        return 200, 0

    with (
        mock.patch.object(trials, "fetch_status", answer),
        mock.patch.object(vendors, "fetch_status", answer),
        mock.patch.object(TencentApi, "ask", return_value={}),
    ):
        yield urls


def outcome(deployment: Deployment, function: str) -> SelfTest:
    return self_test(function, 100.0, 256, ENVIRONMENT, TOKEN, lambda: deployment.dependencies)


def failures(result: SelfTest) -> dict[str, str]:
    return {trial.name: trial.failed for trial in result.trials if trial.failed is not None}


@pytest.mark.parametrize("function", sorted(TRIALS))
@pytest.mark.usefixtures("answers")
def test_a_function_that_can_do_everything_changes_no_verification(
    deployment: Deployment, function: str
) -> None:
    result = outcome(deployment, function)

    assert failures(result) == {}
    assert [trial.name for trial in result.trials] == list(TRIALS[function])
    assert deployment.records.stored == {}
    assert {step.id for step in deployment.steps.take()} <= {NOBODY}
    assert set(deployment.heartbeats.rows) <= {f"{HEARTBEAT}{function}"}
    assert {key.rpartition("/")[2] for key in deployment.bucket.objects} <= {"doctor"}


def test_a_function_says_which_code_and_code_tables_it_has(deployment: Deployment) -> None:
    result = outcome(deployment, "sweep")

    assert {"self_test/run.py", "data/codes/faceid.json", "ports.py"} <= set(result.code)
    assert len(set(result.code.values())) > 100
    assert set(result.code_tables) == {"faceid", "iai", "saas", "senseid"}
    assert len(msgspec.json.encode(result)) < 20_000


def test_every_function_has_a_self_test_and_every_trial_is_of_one() -> None:
    assert set(TRIALS) == set(FUNCTIONS)
    assert {name for names in TRIALS.values() for name in names} == set(run._METHODS)


def test_a_broken_secret_is_named_by_client_and_field_and_shows_no_value(
    deployment: Deployment,
) -> None:
    deployment.secrets.values["api-keys"] = json.dumps(
        {"clients": {"shop": {"keys_sha256": ["secret-word"]}}}
    ).encode()
    del deployment.secrets.values["vendor-key"]

    result = outcome(deployment, "create_reflect_sequence")

    messages = failures(result)
    assert set(messages) == {"api_keys", "vendor_key"}
    assert "clients.shop.keys_sha256" in messages["api_keys"]
    assert "secret-word" not in str(result)


def test_settings_that_are_refused_are_the_result_with_those_of_the_environment() -> None:
    def refuse() -> Any:
        raise SettingsError("LIVEPROOF_REGION is wrong")

    result = self_test("sweep", 50.0, 256, ENVIRONMENT, TOKEN, refuse)

    assert result.refused == "LIVEPROOF_REGION is wrong"
    assert result.settings == {"LIVEPROOF_REGION": "ap-southeast-1"}
    assert result.trials == ()


def test_an_error_of_foreign_code_is_reported_by_its_name_only(deployment: Deployment) -> None:
    with mock.patch.object(deployment.records, "load", side_effect=ValueError("a face")):
        result = outcome(deployment, "create_upload")

    assert failures(result)["read_store"] == "ValueError"


def test_the_event_of_a_probe_is_one_of_no_verification() -> None:
    assert probe_token(probe_key(TOKEN)) == TOKEN
    folder = f"uploads/{NOBODY}/doctor"
    for key in (f"{folder}/{TOKEN}/x", f"{folder}/", f"evidence/doctor/{TOKEN}"):
        assert probe_token(key) is None


def test_a_handler_answers_the_event_without_doing_its_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIVEPROOF_CLOUD", "aws")
    monkeypatch.setenv("LIVEPROOF_TABEL", "misspelt")
    worked: list[object] = []
    handler = scheduled_function(lambda *arguments: worked.append(arguments))

    answer = handler({SELF_TEST: TOKEN}, Context("sweep"))

    assert worked == []
    assert "LIVEPROOF_TABEL" in answer["refused"]
