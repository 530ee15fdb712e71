"""`make deploy`: what it refuses, what it shows, and which programs it starts."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import deploy
from tools.deploy import checked
from tools.packaging.aws import cloudformation
from tools.packaging.aws.template import TEMPLATE, aws_environment
from tools.processes import ToolError, UsageError


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file to which stand-ins of terraform and osls write how they were called."""
    log, programs = tmp_path / "calls", tmp_path / "bin"
    programs.mkdir()
    for name in ("terraform", "osls"):
        program = programs / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{log}"\nexit "${{STAND_IN_EXIT:-0}}"\n'
        )
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(deploy, "OSLS", programs / "osls")
    monkeypatch.setattr("tools.packaging.tencent.zips.package", lambda: None)
    monkeypatch.setattr("tools.packaging.aws.layer.build", lambda target: None)
    monkeypatch.setattr("tools.packaging.aws.template.compile_template", compiled)
    with cloudformation.without_stacks() as endpoint:
        for name, text in aws_environment(endpoint, "ap-southeast-1").items():
            monkeypatch.setenv(name, text)
        yield log


def compiled(service: Path, log: Path, **options: object) -> Path:
    """A template of one queue."""
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    (service / TEMPLATE).write_text(json.dumps(template))
    return service


def test_the_vendor_s_region_is_the_one_beside_the_cloud_s() -> None:
    assert checked("aws", "production", "ap-southeast-1", {}).parameters == {
        "vendorRegion": "ap-singapore"
    }
    assert checked("tencent", "production", "ap-hongkong", {}).parameters == {
        "vendor_region": "ap-hongkong"
    }


@pytest.mark.parametrize(
    ("cloud", "stage", "region", "parameters", "says"),
    [
        ("aws", "", "ap-southeast-1", {}, "STAGE= names the deployment"),
        ("aws", "4two", "ap-southeast-1", {}, "a letter first"),
        ("tencent", "four-", "ap-singapore", {}, "no hyphen last"),
        ("aws", "s" * 25, "ap-southeast-1", {}, "2 to 24"),
        ("aws", "local", "ap-southeast-1", {}, "STAGE=local"),
        ("aws", "production", "ap-southeast-2", {}, r"no vendor is beside it.*ap-southeast-1"),
        ("tencent", "production", "ap-singapur", {}, r"is it ap-singapore\?"),
        ("aws", "production", "ap-southeast-1", {"vendorRegoin": "x"}, r"is it vendorRegion\?"),
        ("tencent", "production", "ap-singapore", {"vendor_regoin": "x"}, r"is it vendor_region\?"),
        (
            "aws", "production", "ap-southeast-1", {"vendorRegion": "ap-hongkong"},
            "vendorRegion=ap-hongkong is not beside REGION=ap-southeast-1, where it is ap-s",
        ),
    ],
)  # fmt: skip
def test_unusable_arguments_are_refused_before_anything_starts(
    cloud: str, stage: str, region: str, parameters: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        checked(cloud, stage, region, parameters)


def test_a_distant_vendor_region_has_to_be_allowed() -> None:
    distant = {"vendorRegion": "ap-hongkong", "allowDistantVendorRegion": "true"}
    assert checked("aws", "production", "ap-southeast-1", distant).parameters == distant


def test_a_misspelt_name_in_a_file_of_variables_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "production.tfvars"
    file.write_text('log_levle = "INFO"\n')
    with pytest.raises(UsageError, match=r"is it log_level\?"):
        checked("tencent", "production", "ap-singapore", {}, file)
    with pytest.raises(UsageError, match="VARS= is for CLOUD=tencent"):
        checked("aws", "production", "ap-southeast-1", {}, file)


def test_on_aws_osls_gets_stage_region_and_params(
    calls: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plan = checked("aws", "production", "ap-southeast-1", {"logLevel": "INFO"})
    deploy.deploy(plan, is_confirmed=True)
    assert calls.read_text().splitlines() == [
        "osls deploy --stage production --region ap-southeast-1"
        " --param vendorRegion=ap-singapore --param logLevel=INFO"
    ]
    shown = capfd.readouterr().out
    assert "production" in shown
    assert "ap-singapore" in shown
    assert "no stack liveproof-production yet. It gets 1 resources." in shown


def test_on_tencent_cloud_terraform_plans_and_applies_that_plan(calls: Path) -> None:
    plan = checked("tencent", "production", "ap-singapore", {})
    deploy.deploy(plan, is_confirmed=True)
    init, planned, applied = calls.read_text().splitlines()
    assert init == "terraform init -input=false"
    file = planned.partition("-out=")[2].split()[0]
    assert "-var stage=production -var region=ap-singapore" in planned
    assert "-var vendor_region=ap-singapore" in planned
    assert applied == f"terraform apply -input=false {file}"


def test_without_a_yes_nothing_is_deployed(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(UsageError, match="nobody is here to confirm"):
        deploy.deploy(checked("aws", "production", "ap-southeast-1", {}), is_confirmed=False)
    assert not calls.exists()
    with pytest.raises(UsageError, match="nobody is here to confirm"):
        deploy.deploy(checked("tencent", "production", "ap-singapore", {}), is_confirmed=False)
    assert "apply" not in calls.read_text()


def test_a_program_that_fails_ends_it(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_EXIT", "3")
    with pytest.raises(ToolError, match="terraform init failed with 3"):
        deploy.deploy(checked("tencent", "production", "ap-singapore", {}), is_confirmed=True)
    assert len(calls.read_text().splitlines()) == 1
