"""`python -m tools.deploy` (`make deploy`): a deployment, checked and shown before it is made.

STAGE, REGION and CLOUD are the environment's; settings are `--param NAME=VALUE`, on Tencent Cloud
also in a file of variables, VARS. It wraps `osls deploy`, and `terraform plan` and `apply`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveproof import facts
from tools import ROOT
from tools.command import exit_status
from tools.deployment import serverless_params, tfvars
from tools.local import cloud
from tools.parameters import pairs, require_known, suggestion
from tools.processes import Stop, ToolError, UsageError

# As infra/aws/params.js and infra/tencent/variables_deployment.tf have it.
_STAGE = re.compile(r"[a-z][a-z0-9-]{0,22}[a-z0-9]")
OSLS = ROOT / "node_modules" / ".bin" / "osls"
INFRA = ROOT / "infra" / "tencent"
_VENDOR_REGION = {"aws": "vendorRegion", "tencent": "vendor_region"}
_DISTANT = {"aws": "allowDistantVendorRegion", "tencent": "allow_distant_vendor_region"}


@dataclass(frozen=True)
class Plan:
    """A deployment that was checked.

    Attributes:
        parameters: params of serverless.yml, or variables of infra/tencent; the vendor's region is
            among them.
        variables: a file for Terraform; None without one.
    """

    cloud: str
    stage: str
    region: str
    parameters: Mapping[str, str]
    variables: Path | None = None

    def lines(self) -> list[str]:
        """What will be deployed, for people."""
        named = {"cloud": self.cloud, "stage": self.stage, "region": self.region, **self.parameters}
        width = max(len(name) for name in named)
        lines = [f"  {name:<{width}}  {text}" for name, text in named.items()]
        return lines if self.variables is None else [*lines, f"  and what {self.variables} says"]


def checked(
    name: str,
    stage: str,
    region: str,
    parameters: Mapping[str, str],
    variables: Path | None = None,
) -> Plan:
    """A plan whose names and regions fit.

    Raises:
        UsageError: STAGE or REGION is missing or is none, a setting is misspelt, a secret is on the
            command line, the file names another STAGE or REGION, or the vendor's region is not the
            one beside the cloud's; the text has the way out.
    """
    if not _STAGE.fullmatch(stage):
        raise UsageError(
            "STAGE= names the deployment: 2 to 24 small letters, digits and hyphens;"
            " a letter first, no hyphen last"
        )
    if stage == "local":
        raise UsageError("STAGE=local is the local clouds' own; it allows plain http")
    given = {**_given(name, parameters, variables), **parameters}
    for setting, text in (("stage", stage), ("region", region)):
        if given.get(setting, text) != text:
            raise UsageError(
                f"{setting.upper()}={text}, but the variable {setting} is {given[setting]}"
            )
    key, distant = _VENDOR_REGION[name], _DISTANT[name]
    is_distant_allowed = str(given.get(distant)).lower() == "true"
    regions = _regions(name)
    beside = regions.get(region)
    if beside is None and not (is_distant_allowed and key in given):
        near = suggestion(region, regions)
        raise UsageError(
            f"REGION={region}: no vendor is beside it{near}; REGION={' or '.join(regions)}. If the"
            f" files may travel to another place: --param {key}=NAME --param {distant}=true"
        )
    vendor = str(given.get(key, beside))
    if vendor != beside and not is_distant_allowed:
        raise UsageError(
            f"{key}={vendor} is not beside REGION={region}, where it is {beside}. If the"
            f" files may travel to another place: --param {distant}=true"
        )
    return Plan(name, stage, region, {key: vendor, **parameters}, variables)


def _given(name: str, parameters: Mapping[str, str], variables: Path | None) -> dict[str, Any]:
    """What the file and the environment set beside the parameters. Raises UsageError for a name
    that nobody knows."""
    if name == "aws":
        if variables is not None:
            raise UsageError("VARS= is for CLOUD=tencent; on AWS settings are --param NAME=VALUE")
        serverless_params.require_known(parameters)
        return {}
    require_known(parameters, set(tfvars.variables()) - {"region", "stage"}, "infra/tencent")
    for secret in sorted(tfvars.secrets() & parameters.keys()):
        raise UsageError(
            f"{secret} is a secret, and others read command lines: put it into TF_VAR_{secret} in"
            " the environment"
        )
    try:
        text = "" if variables is None else variables.read_text(encoding="utf-8")
        sentences = tfvars.unknown_names(text, os.environ)
        values = tfvars.values(text, os.environ)
    except (OSError, ValueError) as error:
        place = "a variable TF_VAR_" if variables is None else f"VARS={variables}"
        raise UsageError(f"{place} cannot be read: {error}") from None
    if sentences:
        raise UsageError("\n".join(sentences))
    return values


def _regions(name: str) -> dict[str, str]:
    """The vendor's region beside each region of the cloud."""
    if name == "aws":
        return facts.aws_regions()
    served = {region for region, place in facts.regions().items() if place.vendor}
    return {region: region for region in facts.scf_regions() if region in served}


def deploy(plan: Plan, *, is_confirmed: bool) -> None:
    """Shows the plan, asks, and deploys.

    Raises:
        UsageError: nobody confirmed.
        ToolError: a program is missing or failed.
    """
    print("\n".join(plan.lines()), flush=True)
    if plan.cloud == "aws":
        _deploy_aws(plan, is_confirmed)
    else:
        _deploy_tencent(plan, is_confirmed)


def _deploy_aws(plan: Plan, is_confirmed: bool) -> None:
    layer = importlib.import_module("tools.packaging.aws.layer")
    node = importlib.import_module("tools.packaging.node")
    print("\n".join(_stack_changes(plan)), flush=True)
    _confirm(plan, is_confirmed)
    layer.build("lambda")
    command: list[str | Path] = [OSLS, "deploy", "--stage", plan.stage, "--region", plan.region]
    for name, text in plan.parameters.items():
        command += ["--param", f"{name}={text}"]
    _run(command, ROOT, node.choose().environment(os.environ))


def _stack_changes(plan: Plan) -> list[str]:
    stack_changes = importlib.import_module("tools.deployment.stack_changes")
    template = importlib.import_module("tools.packaging.aws.template")
    stack = f"liveproof-{plan.stage}"
    deployed = stack_changes.deployed_template(stack, plan.region)
    with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
        service = template.snapshot(Path(scratch) / "service")
        # What lies in the layer's folder makes no difference to the template.
        parameters = {**plan.parameters, "layerPath": "functions"}
        compiled = template.compile_template(
            service,
            Path(scratch) / "osls.log",
            stage=plan.stage,
            region=plan.region,
            parameters=parameters,
        )
        document = json.loads((compiled / template.TEMPLATE).read_text(encoding="utf-8"))
    lines: list[str] = stack_changes.lines(stack, deployed, document)
    return lines


def _deploy_tencent(plan: Plan, is_confirmed: bool) -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        raise ToolError("terraform is not on PATH; docs/deploy-tencent.md says which version")
    importlib.import_module("tools.packaging.tencent.zips").package()
    values = {"stage": plan.stage, "region": plan.region, **plan.parameters}
    # A plan holds what the variables hold: it lies where nobody else reads, and only for as long.
    with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
        file = Path(scratch) / "plan"
        command: list[str | Path] = [terraform, "plan", "-input=false", f"-out={file}"]
        if plan.variables is not None:
            command.append(f"-var-file={plan.variables}")
        for name, text in values.items():
            command += ["-var", f"{name}={text}"]
        _run([terraform, "init", "-input=false"], INFRA, os.environ)
        _run(command, INFRA, os.environ)
        _confirm(plan, is_confirmed)
        _run([terraform, "apply", "-input=false", file], INFRA, os.environ)


def _confirm(plan: Plan, is_confirmed: bool) -> None:
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        raise UsageError('nobody is here to confirm; in a script: make deploy ARGS="--yes ..."')
    print(f"Deploy this? Write the stage's name ({plan.stage}): ", end="", flush=True)
    if sys.stdin.readline().strip() != plan.stage:
        raise UsageError("nothing was deployed")


def _run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> None:
    process = subprocess.Popen([str(part) for part in command], cwd=folder, env=environment)
    try:
        status = process.wait()
    except (KeyboardInterrupt, Stop) as stopped:
        # Ctrl-C reaches the program too. It ends by itself: Terraform first writes down what it has
        # made. (subprocess.run would kill it after a quarter of a second.)
        if isinstance(stopped, Stop):
            process.terminate()
        process.wait()
        raise
    if status:
        program = Path(command[0]).name
        raise ToolError(f"{program} {command[1]} failed with {status}; see above")


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description=__doc__)
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args()
    environment = os.environ
    name = cloud.choose(environment)
    plan = checked(
        name,
        environment.get("STAGE", ""),
        environment.get("REGION", ""),
        pairs(options.param),
        Path(environment["VARS"]).resolve() if environment.get("VARS") else None,
    )
    deploy(plan, is_confirmed=options.yes)
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(_main))
