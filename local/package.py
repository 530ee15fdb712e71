"""Compiles serverless.yml: what a deployment uploads, without an account and without a network.

osls asks CloudFormation about the layer that is deployed now, so an empty local AWS answers it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from local import BUILD, ROOT, layer, ministack, node
from local.processes import clean_environment, run

# osls's own default; compiling for a region needs nothing of the region.
REGION = "ap-southeast-1"
STAGE = "production"
# The name under which osls writes the compiled template.
TEMPLATE = "cloudformation-template-update-stack.json"
_OSLS = ROOT / "node_modules" / ".bin" / "osls"


def osls(arguments: list[str], aws: ministack.LocalAws, log: Path, timeout: float = 300.0) -> None:
    """Runs osls against a local AWS.

    Raises:
        LocalCloudError: it failed or took over `timeout` seconds; the text shows the log's end.
    """
    environment = {
        **node.choose().environment(clean_environment()),
        **aws.credentials(),
        "SLS_AWS_MONITORING_FREQUENCY": "100",  # ms between looks at the stack
        "NODE_NO_WARNINGS": "1",
    }
    command: list[str | Path] = [_OSLS, *arguments, "--region", aws.region]
    run(f"osls {arguments[0]}", command, log, environment, ROOT, timeout)


def compile_template(
    into: Path, aws: ministack.LocalAws, parameters: Mapping[str, str] | None = None
) -> None:
    """Compiles the production stage into a folder: `TEMPLATE` and the zips. Raises LocalCloudError.

    Args:
        into: the folder; made if absent.
        aws: answers what osls asks CloudFormation.
        parameters: params of serverless.yml to set.
    """
    arguments = ["package", "--package", str(into), "--stage", STAGE]
    for name, value in (parameters or {}).items():
        arguments += ["--param", f"{name}={value}"]
    osls(arguments, aws, aws.log.with_name("osls-package.log"))


def package() -> Path:
    """Writes build/aws: `cloudformation.json`, a zip per function, `liveproof.zip` (the layer)."""
    layer.build("lambda")
    target = BUILD / "aws"
    compiled = target / "osls"
    shutil.rmtree(compiled, ignore_errors=True)
    with ministack.running(REGION, BUILD / "local" / "logs" / "ministack-package.log") as aws:
        compile_template(compiled, aws)
    shutil.copyfile(compiled / TEMPLATE, target / "cloudformation.json")
    for each in sorted(compiled.glob("*.zip")):
        shutil.copyfile(each, target / each.name)
    return target
