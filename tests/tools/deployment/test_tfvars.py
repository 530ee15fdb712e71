"""A misspelt variable of Terraform is refused before anything is planned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import ROOT
from tools.deployment.tfvars import unknown_names, variables

GOOD = 'app_id = "1250000000"\nalarm_notice_ids = {\n  cls = ["n"]\n}\n'


def test_a_file_with_variables_names_is_taken() -> None:
    assert unknown_names(GOOD, {"TF_VAR_database_password": "x", "PATH": "/bin"}) == []
    assert len(variables()) > 40


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    assert unknown_names(GOOD + 'vendor_regoin = "ap-hongkong"\ncolour = 1\n', {}) == [
        "there is no variable vendor_regoin: is it vendor_region?",
        "there is no variable colour",
    ]


def test_a_misspelt_name_in_the_environment_is_refused() -> None:
    (sentence,) = unknown_names("", {"TF_VAR_database_pasword": "x"})
    assert sentence == "there is no variable database_pasword: is it database_password?"


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ('alarm_notice_ids = {\n  cls = ["n"]\n  Monitor = ["m"]\n}\n', {}),
        ("", {"TF_VAR_alarm_notice_ids": '{cls = ["n"], Monitor = ["m"]}'}),
    ],
)
def test_a_misspelt_attribute_of_an_object_is_refused(
    text: str, environment: dict[str, str]
) -> None:
    assert unknown_names(text, environment) == ["alarm_notice_ids has no Monitor: is it monitor?"]
    right = {name: text.replace("Monitor", "monitor") for name, text in environment.items()}
    assert unknown_names(text.replace("Monitor", "monitor"), right) == []


def test_functions_in_a_map_are_no_attributes() -> None:
    assert unknown_names("reserved_concurrency_mb = { run_check = 10240 }\n", {}) == []


def test_a_value_that_terraform_could_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match="Unexpected"):
        unknown_names("app_id = ", {})


@pytest.mark.parametrize(("text", "status"), [(GOOD, 0), ("regoin = 1\n", 1), ("region =", 1)])
def test_the_command_ends_with_the_reason(tmp_path: Path, text: str, status: int) -> None:
    file = tmp_path / "production.tfvars"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "tools.deployment.tfvars", str(file)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env={},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
