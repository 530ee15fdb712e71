"""functions.json is read as Terraform reads it, and refused where SCF would refuse it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.local.tencent.platform.conftest import VALUES, document, function
from tools.local.tencent.platform import wiring
from tools.local.tencent.platform.template import WiringError
from tools.local.tencent.platform.wiring import CosTrigger

GIVEN = {**VALUES, "scf_endpoint": "http://127.0.0.1:1"}


def read(tmp_path: Path, file: Any, values: dict[str, str] | None = None) -> Any:
    path = tmp_path / "functions.json"
    path.write_text(file if isinstance(file, str) else json.dumps(file))
    return wiring.read(path, values or GIVEN)


def test_a_function_has_what_the_file_gives_it(tmp_path: Path) -> None:
    definition = function(
        memory_mb=512, timeout_seconds=200, invokes=True, secrets=["vendor_key"],
        bucket={"uploads/": ["GetObject"]}, retries=0, retention_seconds=60,
    )  # fmt: skip
    function_read = read(tmp_path, document({"run_check": definition}))["run_check"]
    assert (function_read.name, function_read.deployed, function_read.handler) == (
        "run_check", "sample-run_check", "handler.handler",
    )  # fmt: skip
    assert (function_read.memory_mb, function_read.timeout_seconds) == (512, 200)
    assert function_read.environment == {
        "SAMPLE_REGION": "ap-singapore",
        "SAMPLE_API": "http://127.0.0.1:1",
    }
    assert function_read.secrets == ("sample-vendor-key:v2",)
    assert function_read.bucket == {"uploads/": ("GetObject",)}
    assert (function_read.invokes, function_read.retries, function_read.retention_seconds) == (
        True,
        0,
        60,
    )


def test_an_empty_value_is_left_out_as_scf_takes_none(tmp_path: Path) -> None:
    file = document({"it": function()}, EMPTY="", GIVEN="x")
    environment = read(tmp_path, file)["it"].environment
    assert "EMPTY" not in environment
    assert environment["GIVEN"] == "x"


def test_without_a_word_about_retries_the_platforms_own_count(tmp_path: Path) -> None:
    function_read = read(tmp_path, document({"it": function()}))["it"]
    assert (function_read.retries, function_read.retention_seconds) == (2, 21_600)


def test_steps_are_what_no_person_and_no_clock_starts(tmp_path: Path) -> None:
    functions = read(
        tmp_path,
        document(
            {
                "api": function(triggers=[{"type": "http"}]),
                "step": function(),
                "upload": function(
                    triggers=[{"type": "cos", "events": ["cos:ObjectCreated:*"], "prefix": "u/"}]
                ),
                "sweep": function(
                    triggers=[{"type": "timer", "name": "x", "cron": "0 * * * * * *"}]
                ),
            }
        ),
    )
    assert [step.name for step in wiring.steps(functions)] == ["step", "upload"]
    assert [name for name, function_read in functions.items() if function_read.url] == ["api"]


def test_a_database_without_a_login_has_no_secret(tmp_path: Path) -> None:
    file = document({"it": function(secrets=["api_keys", "database"])})
    assert read(tmp_path, file, {**GIVEN, "database_secret": ""})["it"].secrets == (
        "sample-api-keys:v1",
    )


def test_with_a_prefix_every_value_without_a_place_is_a_setting(tmp_path: Path) -> None:
    file = document({"it": function()}, LIVEPROOF_BUCKET="written")
    values = {**GIVEN, "mapping": '{"a": 1}', "empty": ""}
    environment = read(tmp_path, {**file, "settings_prefix": "LIVEPROOF_"}, values)[
        "it"
    ].environment
    # The region and the API have places in the sample's environment.
    assert environment == {
        "SAMPLE_REGION": GIVEN["region"],
        "SAMPLE_API": GIVEN["scf_endpoint"],
        "LIVEPROOF_MAPPING": '{"a": 1}',
        "LIVEPROOF_BUCKET": "written",
        "LIVEPROOF_FUNCTION_PREFIX": GIVEN["function_prefix"],
        "LIVEPROOF_API_KEYS_SECRET": GIVEN["api_keys_secret"],
        "LIVEPROOF_VENDOR_KEY_SECRET": GIVEN["vendor_key_secret"],
    }


def test_names_without_a_value_are_all_named(tmp_path: Path) -> None:
    file = document({"it": function()}, ONE="${nobody}", TWO="x${nothing}y")
    with pytest.raises(WiringError, match="nobody, nothing"):
        read(tmp_path, file)


def test_a_secret_without_a_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(WiringError, match="webhooks_secret"):
        read(tmp_path, document({"it": function(secrets=["webhooks"])}))


@pytest.mark.parametrize("expression", ["${upper(region)}", "%{ if true }", "${region.x}"])
def test_expressions_are_refused(tmp_path: Path, expression: str) -> None:
    with pytest.raises(WiringError, match="expressions"):
        read(tmp_path, document({"it": function()}, ONE=expression))


def test_a_value_stands_in_its_place_as_it_is(tmp_path: Path) -> None:
    file = document({"it": function()})
    with pytest.raises(WiringError, match="no JSON"):
        read(tmp_path, file, {**GIVEN, "region": 'a"b'})
    assert (
        read(tmp_path, file, {**GIVEN, "region": "\\\\1"})["it"].environment["SAMPLE_REGION"]
        == "\\1"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memory_mb": 200}, "memory_mb"),
        ({"timeout_seconds": 901}, "timeout_seconds"),
        ({"timeout": 3}, "unknown: timeout"),
        ({"secrets": ["api_key"]}, "api_key"),
        ({"triggers": [{"type": "apigw"}]}, "apigw"),
        ({"triggers": [{"type": "http", "prefix": "x"}]}, "prefix"),
        ({"triggers": [{"type": "cos", "events": ["cos:ObjectCreated:*"]}]}, "missing: prefix"),
        ({"triggers": [{"type": "cos", "events": [], "prefix": "x"}]}, "one event"),
        ({"triggers": [{"type": "cos", "events": ["s3:x:*"], "prefix": ""}]}, "one event"),
        ({"triggers": [{"type": "timer", "name": "x", "cron": "0 0 1 * * * *"}]}, "hours"),
    ],
)
def test_a_value_that_scf_or_terraform_would_refuse_is_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(WiringError, match=message):
        read(tmp_path, document({"it": function(**changes)}))


@pytest.mark.parametrize("name", ["SCF_X", "QCLOUD_X", "TENCENTCLOUD_SECRETID"])
def test_names_that_scf_keeps_for_itself_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WiringError, match=name):
        read(tmp_path, document({"it": function()}, **{name: "x"}))


def test_an_environment_over_scfs_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WiringError, match="4096"):
        read(tmp_path, document({"it": function()}, LONG="x" * 4090))


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        (("cos:ObjectCreated:*", "uploads/"), ("cos:ObjectCreated:Put", "uploads/a"), True),
        (("cos:ObjectCreated:Put", ""), ("cos:ObjectCreated:*", "x/"), True),
        (("cos:ObjectCreated:*", "uploads/"), ("cos:ObjectCreated:*", "evidence/"), False),
        (("cos:ObjectCreated:*", "uploads/"), ("cos:ObjectRemove:*", "uploads/"), False),
    ],
)
def test_overlapping_triggers_of_the_bucket_are_refused(
    tmp_path: Path, one: tuple[str, str], two: tuple[str, str], clash: bool
) -> None:
    file = document(
        {
            name: function(triggers=[{"type": "cos", "events": [event], "prefix": prefix}])
            for name, (event, prefix) in {"one": one, "two": two}.items()
        }
    )
    if clash:
        with pytest.raises(WiringError, match="one and two"):
            read(tmp_path, file)
    else:
        assert len(read(tmp_path, file)) == 2


@pytest.mark.parametrize(
    ("pattern", "event", "key", "matches"),
    [
        ("cos:ObjectCreated:*", "cos:ObjectCreated:Put", "uploads/a", True),
        ("cos:ObjectCreated:*", "cos:ObjectCreated:Copy", "uploads/", True),
        ("cos:ObjectCreated:Put", "cos:ObjectCreated:Put", "uploads/a", True),
        ("cos:ObjectCreated:Put", "cos:ObjectCreated:Post", "uploads/a", False),
        ("cos:ObjectCreated:*", "cos:ObjectRemove:Delete", "uploads/a", False),
        ("cos:ObjectCreated:*", "cos:ObjectCreatedX:Put", "uploads/a", False),
        ("cos:ObjectCreated:*", "cos:ObjectCreated:Put", "upload/a", False),
        ("cos:ObjectCreated:*", "cos:ObjectCreated:Put", "x/uploads/a", False),
    ],
)
def test_a_trigger_is_for_its_event_and_prefix(
    pattern: str, event: str, key: str, matches: bool
) -> None:
    assert CosTrigger((pattern,), "uploads/").matches(event, key) is matches
