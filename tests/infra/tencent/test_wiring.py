"""What Terraform itself makes of functions.json and of the variables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from liveproof import facts
from liveproof.clouds.tencent import settings
from liveproof.environment_names import environment_names
from tests.infra.tencent import evaluated
from tests.infra.tencent.evaluated import Refused

HONG_KONG = {"vendor_region": "ap-hongkong"}
PRICES = {
    "DetectLiveFaceAccurate": 0.1,
    "DetectReflectLivenessAndCompare": 0.2,
    "VideoLivenessCompare": 0.3,
}
BANGKOK = {"vendor_region": "ap-bangkok", "allow_distant_vendor_region": True}


def test_terraform_fills_every_brace_of_the_environment(wiring: dict[str, Any]) -> None:
    environment = wiring["environment"]
    assert "${" not in json.dumps(environment)
    assert environment["LIVEPROOF_BUCKET"] == "liveproof-production-1250000000"
    assert environment["LIVEPROOF_DATABASE_URL"] == "mysql://10.64.1.5:3306/liveproof"
    assert environment["LIVEPROOF_DATABASE_SECRET"] == "liveproof-production-database:v1"
    assert environment["LIVEPROOF_UPLOAD_URLS_PER_SECOND"] == "20"
    assert environment["LIVEPROOF_CALLS_PER_SECOND"] == "{}"


def test_the_environment_that_terraform_renders_is_accepted_by_the_settings_model(
    wiring: dict[str, Any],
) -> None:
    loaded = settings.load(wiring["environment"], "ap-singapore")
    assert loaded.function_prefix == "liveproof-production-"


def test_no_value_of_the_environment_is_empty_because_scf_takes_none(
    wiring: dict[str, Any],
) -> None:
    environment = wiring["environment"]
    assert [name for name, value in environment.items() if not value] == []
    # Without a value by default; with one they are there.
    assert set(environment_names(settings.TencentSettings)) - environment.keys() == {
        "LIVEPROOF_SENSEID_URL",
        "LIVEPROOF_METRIC_CLIENTS",
        "LIVEPROOF_TRACE_ENDPOINT",
        "LIVEPROOF_TRACE_ATTRIBUTES",
        "LIVEPROOF_COS_ENDPOINT",
    }


def test_a_value_that_is_given_is_in_the_environment(prepared: Path) -> None:
    variables = {
        "senseid_url": "https://senseid.example",
        "calls_per_second": {"reflect": 2.5},
        "max_bytes": {"silent.video": 100},
    }
    environment = evaluated.evaluate(prepared, variables)["environment"]
    loaded = settings.load(environment, "ap-singapore")
    assert loaded.senseid_url == "https://senseid.example"
    assert loaded.calls_per_second == {**facts.default_calls_per_second(), "reflect": 2.5}
    assert loaded.largest_file("silent", "video") == 100


def test_deployed_names_are_the_prefix_that_the_functions_know_and_the_functions_name(
    wiring: dict[str, Any],
) -> None:
    prefix = wiring["environment"]["LIVEPROOF_FUNCTION_PREFIX"]
    for name, function in wiring["functions"].items():
        assert function["name"] == prefix + name


def test_the_buckets_trigger_has_the_name_that_scf_demands(wiring: dict[str, Any]) -> None:
    trigger = wiring["triggers"]["verify_upload-cos"]
    bucket = wiring["environment"]["LIVEPROOF_BUCKET"]
    assert trigger["name"] == f"{bucket}.cos.ap-singapore.myqcloud.com"
    assert json.loads(trigger["description"]) == {
        "event": "cos:ObjectCreated:*",
        "filter": {"Prefix": "uploads/"},
    }


def test_the_timer_is_described_by_its_cron_alone(wiring: dict[str, Any]) -> None:
    trigger = wiring["triggers"]["sweep-timer"]
    assert (trigger["name"], trigger["description"]) == ("sweep", "*/20 * * * * * *")


def test_the_url_is_public_without_a_name_and_without_browsers(wiring: dict[str, Any]) -> None:
    trigger = wiring["triggers"]["api-http"]
    assert trigger["name"] is None
    assert json.loads(trigger["description"]) == {
        "ApiGwCompatible": False,
        "AuthType": "NONE",
        "CorsConfig": {"Enable": False},
        "NetConfig": {"EnableExtranet": True, "EnableIntranet": False},
    }


def test_there_are_no_other_triggers_and_every_retry_is_passed_on(
    wiring: dict[str, Any], data: dict[str, Any]
) -> None:
    assert set(wiring["triggers"]) == {"api-http", "verify_upload-cos", "sweep-timer"}
    assert wiring["retries"] == {
        name: {"retries": function["retries"], "retention_seconds": function["retention_seconds"]}
        for name, function in data["functions"].items()
        if "retries" in function
    }


@pytest.mark.parametrize("region", facts.scf_regions())
def test_every_region_with_functions_can_be_deployed_to(prepared: Path, region: str) -> None:
    values = {"region": region, "availability_zone": f"{region}-1"}
    if region not in facts.vendor_regions():
        values |= {"file_transfer": "relay", "allow_distant_vendor_region": "true"}
    else:
        values["vendor_region"] = region
    outputs = evaluated.evaluate(prepared, values)
    assert outputs["environment"]["LIVEPROOF_REGION"] == region


def test_a_vendor_in_bangkok_is_reached_through_the_relay(prepared: Path) -> None:
    outputs = evaluated.evaluate(prepared, {**BANGKOK, "file_transfer": "relay"})
    loaded = settings.load(outputs["environment"], "ap-singapore")
    assert (loaded.vendor_region, loaded.file_transfer) == ("ap-bangkok", "relay")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"region": "ap-bangkok", "availability_zone": "ap-bangkok-1"}, "not known to run func"),
        (BANGKOK, "SCF is not known to run in ap-bangkok"),
        ({**HONG_KONG, "allow_distant_vendor_region": True}, "needs region and vendor_region to"),
        ({**HONG_KONG, "file_transfer": "relay"}, "allow_distant_vendor_region = true"),
        (
            {"vendor_region": "ap-nowhere"},
            "does not judge in this region, only in ap-bangkok, ap-beijing",
        ),
        ({"file_transfer": "pigeon"}, "bucket or relay"),
        ({"call_timeout_seconds": 120}, "run_check"),
        ({"availability_zone": "ap-tokyo-1"}, "zone of the region"),
        ({"database_min_cpu": 4}, "at most database_max_cpu"),
        # These were applied, and every function then refused to start.
        ({"daily_spend": 100}, "name DetectLiveFaceAccurate, DetectReflectLivenessAndCompare, Vid"),
        (
            {"daily_spend_per_client": 5, "prices": {**PRICES, "DetectLiveFaceAccurate": 0}},
            "name DetectLiveFaceAccurate in prices",
        ),
        (
            {"daily_spend": 5, "prices": PRICES, "video_api": "LivenessCompare"},
            "name LivenessCompare in prices",
        ),
        # SCF counts a run's memory against it: no run of 256 MB fits, so the function stops.
        ({"reserved_concurrency_mb": {"api": 128}}, "would stop the function"),
    ],
)
def test_an_invalid_value_is_refused_before_anything_is_created(
    prepared: Path, values: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        evaluated.evaluate(prepared, values)
    assert reason in " ".join(str(refused.value).replace("│", " ").split())


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"scf_metrics": {"namespace": "a policy type"}}, "The Id of a policy type"),
    ({"vendor_endpoint": "http://faceid.intl.tencentcloudapi.com"}, "https://HOST"),
    ({"vendor_endpoint": "https://faceid.ap-hongkong.tencentcloudapi.com"}, "another region"),
    ({"iai_endpoint": "https://iai.ap-guangzhou.tencentcloudapi.com"}, "another region"),
    ({"senseid_url": "https://:8080"}, "https://HOST:PORT"),
    ({"senseid_url": "https://host:port"}, "https://HOST:PORT"),
    # These were applied, and every function then refused to start.
    ({"senseid_url": "https://host:84433"}, "A port is from 1 to 65535"),
    ({"trace_attributes": "token"}, "NAME=VALUE"),
    ({"metric_clients": "c" * 1001}, "At most 1000"),
    ({"trace_endpoint": "apm.example:4318"}, "a URL with a path"),
    ({"ssm_endpoint": "http://ssm.tencentcloudapi.com"}, "https://HOST"),
    ({"webhook_address_policy": "any"}, "Only public can be deployed"),
    ({"senseid_url": 'https://host" }'}, "https://HOST:PORT"),
    ({"video_api": "GuessLiveness"}, "LivenessCompare"),
    ({"best_frame_count": 11}, "whole number from 1 to 10"),
    ({"best_frame_count": 1.5}, "whole number from 1 to 10"),
    ({"unknown_outcome": "shrug"}, "repeat_once or hold"),
    ({"upload_urls_per_second": 0}, "Above 0"),
    ({"calls_per_second": {"reflect": 0}}, "above 0, at most 1000"),
    ({"calls_per_second": {"photo": 1001}}, "above 0, at most 1000"),
    ({"calls_per_second": {"reflex": 4}}, "reflect, video, photo and silent"),
    ({"calls_per_second": {"reflect": "many"}}, "a number is required"),
    ({"max_bytes": {"reflect.image": 0}}, "a whole number from 1 to 104857600"),
    ({"max_bytes": {"reflect.image": 1.5}}, "a whole number from 1 to 104857600"),
    ({"max_bytes": {"photo.image": 1}}, "reflect.live_data, reflect.image and silent.video"),
    ({"record_retention_days": 0}, "from 1 to 3650"),
    ({"log_level": "LOUD"}, "DEBUG, INFO"),
    ({"stage": "Production"}, "lower-case"),
    ({"stage": "p" * 25}, "2 to 24"),
    ({"app_id": "125"}, "10 digits"),
    ({"uin": "me"}, "digits only"),
    ({"network_cidr": "10.64.0.0/28"}, "/16 to /23"),
    ({"network_cidr": "8.8.0.0/20"}, "private network"),
    ({"network_cidr": "10.64.0.1/20"}, "The first address"),
    ({"cors_origins": "https://a.example, https://b.example"}, "comma separated"),
    ({"cors_origins": "app.example"}, "comma separated"),
    ({"api_keys_secret_version": ""}, "1 to 64 letters"),
    ({"database_secret_version": "v 2"}, "1 to 64 letters"),
    ({"uploads_expire_days": 0}, "1 to 30"),
    ({"log_retention_days": 0}, "1 to 3600"),
    ({"reserved_concurrency_mb": {"run_check": 0}}, "stop the function"),
    ({"reserved_concurrency_mb": {"run_chek": 10240}}, "The functions are api"),
    ({"database_password": "short"}, "16 to 64"),
    ({"database_root_password": "short"}, "16 to 64"),
    ({"database_ca": "not a certificate"}, "PEM"),
    ({"database_auto_pause": "perhaps"}, "yes or no"),
]
"""Values of one variable that are refused whatever the others are, and the reason."""


def _runs() -> list[dict[str, tuple[object, str]]]:
    """The variables with a value and its reason, each once a run: Terraform refuses all at once."""
    runs: list[dict[str, tuple[object, str]]] = []
    for values, reason in REFUSED:
        ((name, value),) = values.items()
        run = next((run for run in runs if name not in run), None)
        if run is None:
            runs.append(run := {})
        run[name] = (value, reason)
    return runs


@pytest.mark.parametrize("run", _runs())
def test_each_value_that_no_variable_can_have_is_refused_with_its_reason(
    prepared: Path, run: dict[str, tuple[object, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        evaluated.evaluate(prepared, {name: value for name, (value, _) in run.items()})
    errors = [
        " ".join(error.replace("│", " ").split()) for error in str(refused.value).split("Error: ")
    ]
    for name, (_, reason) in run.items():
        of_variable = [error for error in errors if re.search(rf'"{name}"|var\.{name}\b', error)]
        assert any(reason in error for error in of_variable), (name, errors)


@pytest.mark.parametrize(
    "values",
    [
        {"vendor_endpoint": "https://faceid.ap-singapore.tencentcloudapi.com"},
        {"senseid_url": "http://10.0.0.1:8080/face"},
        {
            "trace_endpoint": "https://apm.example:4318/v1/traces",
            "trace_attributes": "token=a.b,host=c",
        },
        {"network_cidr": "172.16.0.0/16"},
        {"daily_spend": 100, "daily_spend_per_client": 5, "prices": PRICES},
        {"cors_origins": "https://a.example,http://b.example:8080"},
        {"reserved_concurrency_mb": {"run_check": 10240}, "vendor_key_secret_version": "2026-11.b"},
    ],
)
def test_a_valid_value_is_accepted(prepared: Path, values: dict[str, object]) -> None:
    assert evaluated.evaluate(prepared, values)["runtime"] == "Python3.10"


def test_the_functions_that_may_have_room_of_their_own_are_the_deployed_ones(
    prepared: Path, data: dict[str, Any]
) -> None:
    every = {name: each["memory_mb"] for name, each in data["functions"].items()}
    assert evaluated.evaluate(prepared, {"reserved_concurrency_mb": every})
