"""What the pages say about Tencent Cloud is what the Terraform files, the data and the code say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveproof import facts
from liveproof.clouds.tencent import steps, vendor_files
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.clouds.tencent.settings import usual_run_seconds_by_check
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.concurrency import runs_at_once
from liveproof.domain.states import Status
from liveproof.secret_documents import VendorKey
from liveproof.use_cases import sweep
from liveproof.vendors.errors import OutcomeUnknown
from tests.docs.commands import LIVEPROOF
from tests.docs.pages import ROOT, blocks, states, text_of
from tests.support.command_line import terraform_outputs
from tests.support.deployment import Deployment
from tools import hcl
from tools.docs.settings import variables

INFRA = ROOT / "infra" / "tencent"
PAGE = "deploy-tencent.md"
SCRIPTS = "".join(block.text for block in blocks("sh", PAGE))
FUNCTIONS: dict[str, Any] = json.loads((INFRA / "functions.json").read_text(encoding="utf-8"))[
    "functions"
]


def words(page: str) -> str:
    """A page without its line breaks."""
    return " ".join(text_of(page).split())


def outputs() -> set[str]:
    """The outputs of infra/tencent."""
    document = hcl.load(INFRA / "outputs.tf")
    return {name.strip('"') for block in document["output"] for name in block}


def test_required_variables_are_in_the_example_or_in_the_environment() -> None:
    (example,) = (block.text for block in blocks("hcl", PAGE) if "app_id" in block.text)
    assigned = set(hcl.parse(example)) - {"__is_block__"}
    exported = set(re.findall(r"TF_VAR_(\w+)=", SCRIPTS))
    needed = {name for name, (_, default) in variables().items() if default is None}
    assert assigned | exported == needed | {"deployer_uin"}


def test_the_backend_of_the_example_encrypts() -> None:
    (example,) = (block.text for block in blocks("hcl", PAGE) if "backend" in block.text)
    ((terraform,),) = [hcl.parse(example)["terraform"]]
    ((name, backend),) = terraform["backend"][0].items()
    assert name.strip('"') == "cos"
    assert backend["encrypt"] is True


def test_terraform_is_asked_for_outputs_that_there_are() -> None:
    outputs_read = set(re.findall(r"output (?:-raw |-)?(\w+)", SCRIPTS))
    assert outputs_read == {"url", "secrets", "database_ca_url", "bucket", "region", "json"}
    assert {*outputs_read - {"json"}, "database_url", "log_topic"} <= outputs()
    assert set(re.findall(r"-chdir=(\S+)", SCRIPTS)) == {"infra/tencent"}


def test_every_variable_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(?:TF_VAR_)?([a-z]+(?:_[a-z]+)+)`", text_of(PAGE)))
    others = {
        *FUNCTIONS, *facts.checks(), *outputs(), "live_data", "secret_id", "secret_key",
        "prevent_destroy", "memory_mb",
    }  # fmt: skip
    assert named - others <= set(variables())
    assert len(named & set(variables())) > 15


def test_secrets_are_put_for_every_secret_that_terraform_leaves_empty() -> None:
    put = re.findall(r"file://\$PWD/put-([a-z-]+)\.json", SCRIPTS)
    document = hcl.load(INFRA / "main.tf")
    named = [name.strip('"') for name in document["locals"][0]["secret_names"]]
    names = [name.replace("_", "-") for name in named if not name.startswith("__")]
    # The API keys twice: at first, and as the example of a rotation.
    assert put.count("api-keys") == 2
    assert sorted([*set(put), "database"]) == sorted(names)
    versions = {f"{name.replace('-', '_')}_secret_version" for name in put}
    assert {f"`{name}`" for name in versions} <= set(re.findall(r"`\w+`", text_of(PAGE)))


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("uploads", "uploads_expire_days"),
        ("best frames", "evidence_expire_days"),
        ("records", "record_retention_days"),
        ("logs", "log_retention_days"),
    ],
)
def test_the_retention_on_the_page_is_the_variables(name: str, variable: str) -> None:
    assert f"`{variable}` ({variables()[variable][1]})" in words(PAGE), name


@pytest.mark.parametrize("check", facts.checks())
def test_the_room_for_a_burst_is_the_pace_times_the_time_of_a_run(check: str) -> None:
    tables = text_of("quotas.md").partition("\n## Tencent Cloud\n")[2]
    (row,) = re.findall(rf"^\| `{check}` \| [0-9.]+ \|.*$", tables, re.MULTILINE)
    cells = [cell.strip().replace(" ", "") for cell in row.strip("|").split("|")]
    _, pace, seconds, runs, memory = cells
    assert pace == f"{facts.default_calls_per_second()[check]:g}"
    assert seconds == f"{usual_run_seconds_by_check()[check]:g}"
    assert int(runs) == runs_at_once(float(pace), float(seconds))
    assert int(memory) == int(runs) * FUNCTIONS["run_check"]["memory_mb"]


def test_the_numbers_of_functions_on_the_page_are_the_datas() -> None:
    memory = {name: function["memory_mb"] for name, function in FUNCTIONS.items()}
    assert set(memory.values()) == {256}
    assert states("quotas.md", "256 MB")
    assert states("quotas.md", f"{len(FUNCTIONS)} for a stage")
    longest = (steps.LOOK_AHEAD_MS + steps.EARLY_MS) // 1000
    assert states("design.md", f"{longest} seconds")
    assert vendor_files._LIFETIME_MS == 5 * 60 * 1000
    assert states("security.md", "five minutes")
    retried = {
        FUNCTIONS[name]["retries"] for name in FUNCTIONS.keys() - {"api", "webhooks", "sweep"}
    }
    assert retried == {2}
    assert states("operating.md", "twice", "a minute apart")


def test_the_sweeps_throughput_on_the_pages_is_the_codes() -> None:
    period, seconds = steps.SWEEP_PERIOD_MS // 1000, FUNCTIONS["sweep"]["timeout_seconds"]
    assert states("pace.md", "`sweep`", f"{period} seconds", f"{seconds} seconds")
    assert states("pace.md", "overdue", f"at most {sweep.LIMIT} steps")
    assert states("operating.md", f"deletes up to {sweep.LIMIT} each time")


def test_the_runs_of_sweep_in_a_month_are_the_periods() -> None:
    runs = 30 * 24 * 3600 * 1000 // steps.SWEEP_PERIOD_MS
    assert states("costs.md", f"{runs:,} runs of `sweep`".replace(",", " "))
    assert states("costs.md", "`sweep`", f"{steps.SWEEP_PERIOD_MS // 1000} seconds")


def test_the_permissions_in_security_are_the_functions() -> None:
    section = text_of("security.md").partition("### Tencent Cloud\n")[2]
    said = {
        "PutObject": "put", "GetObject": "read", "GetBucketObjectVersions": "list",
        "DeleteObject": "delete",
    }  # fmt: skip
    secret = {
        "api_keys": "API keys", "webhooks": "webhooks", "vendor_key": "vendor's key",
        "senseid_key": "SenseID's key", "database": "database",
    }  # fmt: skip
    for name, function in FUNCTIONS.items():
        (row,) = re.findall(rf"^\| `{name}` \|(.*)\|(.*)\|$", section, re.MULTILINE)
        bucket = [
            f"{said[action]} {'' if action == 'GetObject' else 'under '}`{prefix}`"
            for prefix, actions in function["bucket"].items()
            for action in actions
            if action in said
        ]
        assert row[0].strip() == (", ".join(bucket) or "nothing")
        assert row[1].strip() == ", ".join(secret[key] for key in function["secrets"])


def test_an_uploads_last_header_in_uploading_is_the_one_that_cos_gets() -> None:
    bucket = CosBucket("team-1250000000", "ap-singapore", "", lambda: VendorKey("a", "b"))
    upload = bucket.presign_put("uploads/a", "0" * 32, 1, "image/jpeg", 0, 1000)
    name, value = list(upload.headers.items())[-1]
    assert states("uploading.md", f"`{name}`", f"`{value}`", "`If-None-Match`")
    assert upload.url.startswith("https://team-1250000000.cos.ap-singapore.myqcloud.com/")


@pytest.fixture
def store(tmp_path: Path) -> tuple[Path, str]:
    """A SQLite file with one held verification, and the verification's id."""
    deployment = Deployment(unknown_outcome="hold")
    deployment.check.script = [OutcomeUnknown("no usable answer")]
    verification = deployment.run_check(deployment.ready())
    assert verification.status is Status.HELD
    file = tmp_path / "records.sqlite"
    with closing(Database(f"sqlite:///{file}", None)) as database:
        SqlRecords(database, record_days=1).save(replace(verification, version=0))
    return file, verification.id


def test_the_documented_operators_commands_run_against_a_sql_store(
    store: tuple[Path, str], tmp_path: Path
) -> None:
    file, verification_id = store
    (tmp_path / "login.json").write_text('{"user": "nobody", "password": "none"}')
    terraform_outputs(tmp_path, f"sqlite:///{file}")
    (script,) = [block.text for block in blocks("sh", PAGE) if "LIVEPROOF_LOGIN" in block.text]
    done = subprocess.run(
        ["bash", "-euc", script.replace(LIVEPROOF, f"{sys.executable} -m liveproof_cli")],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"},
    )  # fmt: skip
    *_, listed = done.stdout.splitlines()
    assert listed.split()[:2] == [verification_id, "held"]
