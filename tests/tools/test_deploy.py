"""`make deploy`: what it refuses, what it shows, and which programs it starts."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import ROOT, deploy
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
        ("tencent", "four-", "ap-singapore", {}, "no hyphen last"),
        ("aws", "s" * 25, "ap-southeast-1", {}, "2 to 24"),
        ("aws", "local", "ap-southeast-1", {}, "STAGE=local"),
        ("tencent", "1st", "ap-singapore", {}, "a letter first"),
        ("aws", "production-", "ap-southeast-1", {}, "STAGE= names the deployment"),
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


@pytest.mark.parametrize(
    ("cloud", "region", "key", "allowed"),
    [
        ("aws", "ap-southeast-2", "vendorRegion", "allowDistantVendorRegion"),
        ("tencent", "ap-tokyo", "vendor_region", "allow_distant_vendor_region"),
    ],
)
def test_a_region_with_no_vendor_beside_it_is_taken_if_another_place_is_allowed(
    cloud: str, region: str, key: str, allowed: str
) -> None:
    """As osls and Terraform take it; `make deploy` refused it, whatever was allowed."""
    distant = {key: "ap-singapore", allowed: "true"}
    assert checked(cloud, "production", region, distant).parameters == distant
    for left_out in distant:
        given = {name: value for name, value in distant.items() if name != left_out}
        with pytest.raises(UsageError, match=f"--param {key}=NAME --param {allowed}=true"):
            checked(cloud, "production", region, given)


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


def test_the_vendor_s_region_of_the_file_is_not_replaced_by_the_one_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region beside REGION= went to Terraform behind the file, so faces were judged in
    Singapore where the file said Bangkok."""
    file = tmp_path / "production.tfvars"
    file.write_text('vendor_region = "ap-bangkok"\nallow_distant_vendor_region = true\n')
    plan = checked("tencent", "production", "ap-singapore", {}, file)
    assert plan.parameters["vendor_region"] == "ap-bangkok"
    file.write_text('vendor_region = "ap-bangkok"\n')
    with pytest.raises(UsageError, match="vendor_region=ap-bangkok is not beside"):
        checked("tencent", "production", "ap-singapore", {}, file)
    monkeypatch.setenv("TF_VAR_vendor_region", "ap-bangkok")
    monkeypatch.setenv("TF_VAR_allow_distant_vendor_region", "true")
    plan = checked("tencent", "production", "ap-singapore", {})
    assert plan.parameters["vendor_region"] == "ap-bangkok"


@pytest.mark.parametrize("line", ['stage = "staging"', 'region = "ap-hongkong"'])
def test_a_file_of_another_deployment_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "other.tfvars"
    file.write_text(f"{line}\n")
    name, value = line.replace('"', "").split(" = ")
    with pytest.raises(UsageError, match=f"but the variable {name} is {value}"):
        checked("tencent", "production", "ap-singapore", {}, file)


@pytest.mark.parametrize("name", ["database_password", "database_root_password"])
def test_a_secret_on_the_command_line_is_refused_and_not_shown(name: str) -> None:
    """`make deploy` printed the passwords beside the other settings."""
    with pytest.raises(UsageError, match=f"TF_VAR_{name} in the env") as refused:
        checked("tencent", "production", "ap-singapore", {name: "correct-horse-battery"})
    assert "correct-horse" not in str(refused.value)


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


def test_nobody_else_reads_a_plan_and_nothing_of_it_is_left(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan holds the passwords. It lay in build/, for every user of the machine to read."""
    seen = tmp_path / "seen"
    (tmp_path / "bin" / "terraform").write_text(
        "#!/bin/sh\n"
        'for last; do case $last in -out=*) echo x > "${last#-out=}";; esac; done\n'
        f'[ "$1" != apply ] || stat -c "%a %n" "$(dirname "$last")" "$last" > "{seen}"\n'
    )
    deploy.deploy(checked("tencent", "production", "ap-singapore", {}), is_confirmed=True)
    folder, file = (line.split(maxsplit=1) for line in seen.read_text().splitlines())
    assert folder[0] == "700"
    assert not Path(folder[1]).exists()
    assert not Path(file[1]).exists()


_INTERRUPTED = """
import sys
from tools import ROOT, deploy
from tools.command import exit_status

def main():
    deploy._run(sys.argv[1:], ROOT, {})
    return 0

sys.exit(exit_status(main))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_terraform_writes_its_state_before_it_ends_by_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    """It was killed a quarter of a second after Ctrl-C: what it had just made was in no state."""
    state, terraform = tmp_path / "state", tmp_path / "terraform"
    terraform.write_text(
        "#!/bin/sh\n"
        f"trap 'sleep 1; echo saved > \"{state}\"; exit 1' INT TERM\n"
        "echo started\nwhile :; do sleep 0.05; done\n"
    )
    terraform.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, terraform, "apply"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        assert process.wait(30) == 128 + number
    assert state.read_text() == "saved\n"


def test_the_end_of_the_input_is_no_yes(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = io.StringIO()
    monkeypatch.setattr(ended, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", ended)
    with pytest.raises(UsageError, match="nothing was deployed"):
        deploy.deploy(checked("tencent", "production", "ap-singapore", {}), is_confirmed=False)
    assert "apply" not in calls.read_text()


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
