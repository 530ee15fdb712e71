"""Compiles serverless.yml: what a deployment uploads, without an account and without a network.

osls asks CloudFormation about the layer that is deployed now, so an empty local AWS answers it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools import BUILD, ROOT
from tools.local.aws import ministack
from tools.packaging import node
from tools.packaging.aws import layer
from tools.processes import clean_environment, run

# serverless.yml's default; compiling for a region needs nothing of the region.
REGION = "ap-southeast-1"
STAGE = "production"
# The name under which osls writes the compiled template.
TEMPLATE = "cloudformation-template-update-stack.json"
# Where the layer lies in a snapshot of the service.
LAYER = "layer"
# What infra/aws/params.js reads.
_DATA = ("layers/liveproof/data/regions.json",)
_OSLS = ROOT / "node_modules" / ".bin" / "osls"


def snapshot(into: Path) -> Path:
    """Copies what osls reads (but no layer) into a new folder, and returns it.

    osls works in the folder of serverless.yml: two runs in one folder would disturb each other, and
    an edit in mid-run would be deployed by halves.
    """
    into.mkdir(parents=True)
    shutil.copyfile(ROOT / "serverless.yml", into / "serverless.yml")
    shutil.copytree(ROOT / "infra" / "aws", into / "infra" / "aws")
    for name in _DATA:
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, into / name)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "functions", into / "functions", ignore=ignored)
    return into


def osls(
    arguments: list[str],
    parameters: Mapping[str, str],
    service: Path,
    aws: ministack.LocalAws,
    log: Path,
    timeout: float = 300.0,
) -> None:
    """Runs osls in a snapshot of the service, against a local AWS.

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
    for name, value in parameters.items():
        command += ["--param", f"{name}={value}"]
    run(f"osls {arguments[0]}", command, log, environment, service, timeout)


def compile_template(service: Path, aws: ministack.LocalAws, log: Path, layer: str = LAYER) -> Path:
    """Compiles the production stage of a snapshot; returns the folder of `TEMPLATE` and zips.

    Args:
        service: the snapshot.
        aws: answers what osls asks CloudFormation.
        log: what osls says.
        layer: folder of the layer in the snapshot.

    Raises:
        LocalCloudError: osls refused; the text shows the log's end.
    """
    arguments = ["package", "--package", "compiled", "--stage", STAGE]
    osls(arguments, {"layerPath": layer}, service, aws, log)
    return service / "compiled"


def package() -> Path:
    """Writes build/aws: `cloudformation.json`, a zip per function, `liveproof.zip` (the layer).

    `osls deploy --package build/aws/osls` uploads the same.
    """
    target = BUILD / "aws"
    layer.build("lambda")
    with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
        service = snapshot(Path(scratch) / "service")
        shutil.copytree(layer.folder("lambda"), service / LAYER)
        with ministack.running(REGION, target / "ministack.log") as aws:
            compiled = compile_template(service, aws, target / "osls.log")
        shutil.rmtree(target / "osls", ignore_errors=True)
        shutil.copytree(compiled, target / "osls")
    shutil.copyfile(target / "osls" / TEMPLATE, target / "cloudformation.json")
    for each in target.glob("*.zip"):
        each.unlink()
    for each in sorted((target / "osls").glob("*.zip")):
        shutil.copyfile(each, target / each.name)
    return target
