"""What Terraform makes of the files, without the provider: variables, locals and the module wiring.

The root module's own variables and locals are evaluated as they are; the one value that a resource
gives (the database's address) is a stand-in.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.infra.tencent.configuration import FOLDER, ROOT

TERRAFORM = shutil.which("terraform")
NO_TERRAFORM = "no terraform is installed here"
GIVEN = {
    "app_id": "1250000000",
    "uin": "100000000001",
    "deployer_uin": "100000000002",
    "availability_zone": "ap-singapore-1",
    "database_password": "not-a-real-password-1",
    "database_root_password": "not-a-real-password-2",
    "packages": "packages.json",
    "scf_metrics": {"namespace": "a_policy_type"},
}
_FILES = (
    "variables.tf", "variables_settings.tf", "variables_deployment.tf", "main.tf", "place.tf",
)  # fmt: skip
_DATA = Path("layers/liveproof/data")
_OUTPUTS = (
    "runtime", "handler", "environment", "functions", "triggers", "retries", "policies",
    "bucket_policy",
)  # fmt: skip
_STAND_IN = """
locals {
  database_address = { ip = "10.64.1.5", port = 3306 }
}
"""


class Refused(Exception):
    """Terraform refused the values; the text is its own."""


def prepare(folder: Path) -> Path:
    """Copies what needs no provider into a new tree and makes it ready; the folder of the tree in
    which Terraform runs.
    """
    (folder / _DATA).mkdir(parents=True)
    for name in ("regions.json", "checks.json"):
        shutil.copyfile(ROOT / _DATA / name, folder / _DATA / name)
    folder = folder / "infra" / "tencent"
    folder.mkdir(parents=True)
    for name in (*_FILES, "functions.json", "bucket_policy.json"):
        shutil.copyfile(FOLDER / name, folder / name)
    shutil.copytree(FOLDER / "wiring", folder / "wiring")
    (folder / "packages.json").write_text("{}")
    outputs = (f'output "{name}" {{\n  value = module.wiring.{name}\n}}\n' for name in _OUTPUTS)
    (folder / "stand_in.tf").write_text(_STAND_IN + "".join(outputs))
    terraform(folder, "init", "-backend=false")
    return folder


def evaluate(folder: Path, values: Mapping[str, object] | None = None) -> dict[str, Any]:
    """The outputs of wiring for some values of variables.

    Raises:
        Refused: a variable's validation, or another error.
    """
    file = folder / "values.tfvars.json"
    file.write_text(json.dumps({**GIVEN, **(values or {})}))
    terraform(folder, "plan", f"-var-file={file.name}", "-out=plan")
    shown = json.loads(terraform(folder, "show", "-json", "plan"))
    outputs = shown["planned_values"]["outputs"]
    return {name: output["value"] for name, output in outputs.items()}


def apply(folder: Path) -> None:
    """Makes what needs no provider, with every default."""
    evaluate(folder)
    terraform(folder, "apply", "plan")


def terraform(folder: Path, command: str, *arguments: str) -> str:
    """What a command of Terraform prints. Raises Refused."""
    assert TERRAFORM is not None
    options = ["-input=false"] if command in ("init", "plan", "apply") else []
    done = subprocess.run(
        [TERRAFORM, command, "-no-color", *options, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )  # fmt: skip
    if done.returncode:
        raise Refused(done.stderr)
    return done.stdout
