"""Functions on SCF, their triggers and settings."""

from __future__ import annotations

import importlib.util
import json
import math
import re
from typing import Any

import pytest

from liveproof.api import routes
from liveproof.clouds.tencent import events, runtime, settings, steps
from liveproof.domain import run_times
from liveproof.environment_names import environment_names
from liveproof.use_cases import keep_evidence, uploads
from liveproof.use_cases.run_check import require_fit
from tests.infra.tencent.configuration import FOLDER, ROOT, Configuration, names_in_braces
from tools.docs.settings import params
from tools.local.tencent.platform import cron

POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
# Settings whose empty value switches something off or takes the usual.
OPTIONAL = {
    "LIVEPROOF_SENSEID_URL",
    "LIVEPROOF_METRIC_CLIENTS",
    "LIVEPROOF_TRACE_ENDPOINT",
    "LIVEPROOF_TRACE_ATTRIBUTES",
    "LIVEPROOF_COS_ENDPOINT",
}
STEPS = {"verify_upload", "run_check", "deliver_result", "erase"}
# How long a step may wait for its time inside the function, s.
LONGEST_WAIT = (steps.LOOK_AHEAD_MS + steps.EARLY_MS) / 1000
# Parameters of serverless.yml that mean something on AWS only.
OTHER_DEFAULT = {"webhookTurnsPerSecond"}
"""Messages of SQS wait by themselves. On SCF a delivery with a near turn waits in its function."""

AWS_ONLY = {
    "runCheckTimeoutSeconds", "checkConcurrency", "layerPath", "uploadsVisibilitySeconds",
    "checksVisibilitySeconds", "deliveriesVisibilitySeconds", "erasuresVisibilitySeconds",
    "alarmTopicArn",
    "dataDeletionPolicy", "tableDeletionProtection", "uploadsConcurrency",
    "deliveriesConcurrency", "erasuresConcurrency", "apiRequestsPerSecond", "apiBurst",
    "tableUpgrade", "webhookKmsKey", "gradualDeployment", "routeRequestsPerSecond",
}  # fmt: skip


def _environment(files: Configuration, data: dict[str, Any]) -> dict[str, str]:
    """Defaults, and names as long as they can be."""
    name = "liveproof-" + "s" * 24
    values = {
        "bucket": "b" * 40 + "-1250000000",
        "database_url": "mysql://255.255.255.255:3306/liveproof",
        "function_prefix": f"{name}-",
    }
    for setting in files.locals()["derived"]:
        values.setdefault(setting, f"{name}-{setting}:{'v' * 64}")
    for setting in files.locals()["settings"]:
        default = files.default(setting)
        values[setting] = default if isinstance(default, str) else json.dumps(default)
    prefix = data["settings_prefix"]
    settings = {f"{prefix}{setting.upper()}": value for setting, value in values.items()}
    return {**data["environment"], **settings}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def test_every_function_has_a_handler_and_every_other_folder_is_a_route_of_aws(
    data: dict[str, Any],
) -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert set(data["functions"]) == {"api", "webhooks", *STEPS, "sweep"}
    behind_the_gateway = {route.function for route in routes.ROUTES.values()}
    assert folders == set(data["functions"]) | behind_the_gateway


def test_the_named_handler_is_in_every_functions_file(data: dict[str, Any]) -> None:
    assert data["runtime"] == "Python3.10"
    file, name = data["handler"].split(".")
    for function in data["functions"]:
        spec = importlib.util.spec_from_file_location(
            function, ROOT / "functions" / function / f"{file}.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert callable(getattr(module, name))


def test_functions_have_exactly_the_settings_that_the_model_reads(
    files: Configuration, data: dict[str, Any]
) -> None:
    expected = set(environment_names(settings.TencentSettings)) | POWERTOOLS
    assert set(_environment(files, data)) == expected


def test_one_value_has_a_place_in_the_file_and_all_others_are_settings(
    files: Configuration,
) -> None:
    # Nothing else is replaced, and the note explains itself without an example that would be.
    assert names_in_braces((FOLDER / "functions.json").read_text()) == {"log_level"}
    assert files.module("wiring")["values"] == (
        "${merge(local.settings, local.derived, {log_level = var.log_level})}"
    )


def test_a_setting_gets_the_variable_of_its_name(files: Configuration) -> None:
    for name, value in files.locals()["settings"].items():
        assert value in (f"${{var.{name}}}", f"${{jsonencode(var.{name})}}")
        assert name in files.variables()


def test_defaults_are_those_of_serverless_yml_wherever_both_have_the_setting(
    files: Configuration,
) -> None:
    variables = files.variables()
    shared = {name: default for name, (_, default, _) in params().items() if name not in AWS_ONLY}
    assert {_snake(name) for name in shared} <= set(variables)
    for name, default in shared.items():
        if name in OTHER_DEFAULT:
            continue
        ours = variables[_snake(name)]["default"]
        text = ours if isinstance(ours, str) else json.dumps(ours)
        assert text == default.strip('"'), name
    assert len(shared) > 20


def test_the_defaults_are_accepted_by_the_settings_model(
    files: Configuration, data: dict[str, Any]
) -> None:
    environment = _environment(files, data)
    assert {name for name, value in environment.items() if not value} == OPTIONAL
    assert settings.load(environment, "ap-singapore").file_transfer == "bucket"


def test_an_environment_of_the_longest_names_is_well_below_four_kilobytes(
    files: Configuration, data: dict[str, Any]
) -> None:
    environment = {**_environment(files, data), "LIVEPROOF_SENSEID_URL": "https://" + "h" * 120}
    assert sum(len(name) + len(value) + 2 for name, value in environment.items()) < 3_600


def test_no_setting_has_a_name_that_scf_keeps_for_itself(data: dict[str, Any]) -> None:
    for name in data["environment"]:
        assert not name.startswith(("SCF_", "QCLOUD_", "TENCENTCLOUD_", "TECENTCLOUD_"))


def test_timeouts_memory_and_retries_are_those_of_the_design(data: dict[str, Any]) -> None:
    assert {
        name: (
            function["timeout_seconds"],
            function["memory_mb"],
            function.get("retries"),
            function.get("retention_seconds"),
        )
        for name, function in data["functions"].items()
    } == {
        "api": (30, 256, None, None),
        "webhooks": (29, 256, None, None),
        "verify_upload": (100, 256, 2, 3600),
        "run_check": (165, 256, 2, 3600),
        "deliver_result": (100, 256, 2, 3600),
        "erase": (100, 256, 2, 3600),
        "sweep": (40, 256, 0, 60),
    }


def test_a_step_has_as_long_for_its_work_as_on_aws_after_the_longest_wait(
    data: dict[str, Any],
) -> None:
    on_aws = {"verify_upload": 60, "run_check": 120, "deliver_result": 60, "erase": 60}
    for name, seconds in on_aws.items():
        assert data["functions"][name]["timeout_seconds"] >= seconds + LONGEST_WAIT


@pytest.mark.parametrize("name", sorted(STEPS))
def test_the_longest_wait_ends_before_the_function_would_leave_the_step_to_the_sweep(
    data: dict[str, Any], name: str
) -> None:
    left = data["functions"][name]["timeout_seconds"] * 1000 - runtime._MARGIN_MS
    assert left - min(events._WORK_MS, left // 2) >= LONGEST_WAIT * 1000


def test_the_longest_call_fits_into_run_check_after_the_longest_wait_and_relay(
    files: Configuration, data: dict[str, Any]
) -> None:
    (validation,) = files.variables()["call_timeout_seconds"]["validation"]
    longest = int(validation["condition"].rpartition("<= ")[2].rstrip("}"))
    seconds = data["functions"]["run_check"]["timeout_seconds"] - runtime._MARGIN_MS / 1000
    assert longest == math.floor(run_times.longest_call_seconds(seconds - LONGEST_WAIT))
    require_fit(seconds, longest)


def test_scf_accepts_every_size(data: dict[str, Any]) -> None:
    for function in data["functions"].values():
        assert function["memory_mb"] in range(128, 3072 + 1, 128)
        assert 1 <= function["timeout_seconds"] <= 900


def test_every_function_that_nobody_waits_for_says_how_often_it_is_tried_again(
    data: dict[str, Any],
) -> None:
    for name, function in data["functions"].items():
        forwarded = name in data["functions"]["api"]["forwards"]
        waited_for = forwarded or [one["type"] for one in function["triggers"]] == ["http"]
        assert ("retries" in function, "retention_seconds" in function) == (not waited_for,) * 2, (
            name
        )


def test_sweep_runs_as_often_as_the_steps_reckon_with(data: dict[str, Any]) -> None:
    sweep = data["functions"]["sweep"]
    (trigger,) = sweep["triggers"]
    # second minute hour day month weekday year
    assert trigger == {"type": "timer", "name": "sweep", "cron": "*/20 * * * * * *"}
    timer = cron.Cron.parse(trigger["cron"])
    due = [timer.next_after(now) for now in range(-1, 300)]
    assert sorted(set(due)) == list(range(0, 301, steps.SWEEP_PERIOD_MS // 1000))


def test_sweep_ends_not_long_after_the_last_step_that_it_asks_for_is_due(
    data: dict[str, Any],
) -> None:
    timeout = data["functions"]["sweep"]["timeout_seconds"]
    # A slow run can go on until all that it looks ahead to is due, with one other beside it.
    assert steps.LOOK_AHEAD_MS <= timeout * 1000 <= 2 * steps.SWEEP_PERIOD_MS


def test_the_bucket_tells_verify_upload_of_uploads_only(data: dict[str, Any]) -> None:
    triggers = [
        (name, trigger)
        for name, function in data["functions"].items()
        for trigger in function["triggers"]
        if trigger["type"] == "cos"
    ]
    prefix = f"{uploads.UPLOADS_PREFIX}/"
    expected = {"type": "cos", "events": ["cos:ObjectCreated:*"], "prefix": prefix}
    assert triggers == [("verify_upload", expected)]


def test_evidence_is_written_where_no_trigger_listens(data: dict[str, Any]) -> None:
    prefixes = {prefix for function in data["functions"].values() for prefix in function["bucket"]}
    evidence = keep_evidence.evidence_key("ver_x", 1).split("/")[0] + "/"
    assert prefixes == {f"{uploads.UPLOADS_PREFIX}/", evidence}
    for one in prefixes:
        assert [prefix for prefix in prefixes if prefix.startswith(one)] == [one]


def test_one_function_has_the_url_and_only_it(data: dict[str, Any]) -> None:
    with_url = [n for n, e in data["functions"].items() if {"type": "http"} in e["triggers"]]
    assert with_url == ["api"]


@pytest.mark.parametrize("stage", ["production", "s" * 24])
def test_deployed_names_are_names_that_scf_takes(data: dict[str, Any], stage: str) -> None:
    for name in data["functions"]:
        assert re.fullmatch(r"[a-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]", f"liveproof-{stage}-{name}")


def test_descriptions_have_only_what_scf_takes(data: dict[str, Any]) -> None:
    # The API's definition of Description (2026-08-21): letters, digits, spaces, commas, full stops.
    for name, function in data["functions"].items():
        assert re.fullmatch(r"[A-Za-z0-9 ,.]{1,1000}", function["description"]), name


def test_a_function_sets_every_value_for_which_scf_has_another_default(
    files: Configuration,
) -> None:
    (function,) = files.of_type("tencentcloud_scf_function").values()
    # SCF's own: Python 2.7, 128 MB, 3 s, no way out of a network.
    assert function["runtime"] == "${module.wiring.runtime}"
    assert function["mem_size"] == "${each.value.memory_mb}"
    assert function["timeout"] == "${each.value.timeout_seconds}"
    assert function["enable_public_net"] is True
    assert function["func_type"] == "Event"
    assert function["vpc_id"] == "${tencentcloud_vpc.network.id}"
    assert function["subnet_id"] == "${tencentcloud_subnet.functions.id}"


def test_code_is_uploaded_from_files_whose_names_change_with_their_content(
    files: Configuration,
) -> None:
    (function,) = files.of_type("tencentcloud_scf_function").values()
    assert function["zip_file"].endswith("/${local.packages[each.key].zip}")
    assert files.default("packages") == "../../build/tencent/packages.json"


def test_retries_and_triggers_are_deployed_for_what_the_file_says(files: Configuration) -> None:
    (config,) = files.of_type("tencentcloud_scf_function_event_invoke_config").values()
    assert config["for_each"] == "${module.wiring.retries}"
    (trigger,) = files.of_type("tencentcloud_scf_trigger").values()
    assert trigger["for_each"] == "${module.wiring.triggers}"
    assert trigger["enable"] == "OPEN"


def test_the_api_has_room_in_a_burst_and_deliveries_leave_some(
    files: Configuration, data: dict[str, Any]
) -> None:
    (reserved,) = files.of_type("tencentcloud_scf_reserved_concurrency_config").values()
    assert reserved["for_each"] == "${var.reserved_concurrency_mb}"
    default = files.default("reserved_concurrency_mb")
    assert default == {"api": 12_800, "deliver_result": 12_800}
    # Of the 64 000 MB of the smallest region, the last 12 800 cannot be reserved.
    assert sum(default.values()) <= 64_000 - 12_800
    for function, megabytes in default.items():
        assert megabytes / data["functions"][function]["memory_mb"] == 50
