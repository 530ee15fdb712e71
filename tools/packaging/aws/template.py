"""Compiles serverless.yml: what a deployment uploads, without an account and without a network."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools import BUILD, ROOT
from tools.packaging import node
from tools.packaging.aws import cloudformation, layer
from tools.processes import clean_environment, run

# serverless.yml's default; compiling for a region needs nothing of the region.
REGION = "ap-southeast-1"
STAGE = "production"
# The name under which osls writes the compiled template.
TEMPLATE = "cloudformation-template-update-stack.json"
# Where the layer lies in a snapshot of the service.
LAYER = "layer"
# Id and secret of the key that a local AWS takes.
LOCAL_KEY = "test"
# What params.js, checks.js and retention.js of infra/aws read.
_DATA = (
    "layers/liveproof/data/regions.json",
    "layers/liveproof/data/checks.json",
    "infra/retention.json",
)
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


def aws_environment(endpoint: str, region: str) -> dict[str, str]:
    """Environment for a program that should talk to an AWS on this machine and to no other.

    The key is no secret: it opens nothing but this machine's loopback.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": LOCAL_KEY,
        "AWS_SECRET_ACCESS_KEY": LOCAL_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        # No profile or config file of the user's may change where the calls go.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def osls(
    arguments: list[str],
    parameters: Mapping[str, str],
    service: Path,
    aws: Mapping[str, str],
    log: Path,
    timeout: float = 300.0,
) -> None:
    """Runs osls in a snapshot of the service.

    Args:
        arguments: the command and its options.
        parameters: params of serverless.yml.
        service: the snapshot.
        aws: of `aws_environment`: the AWS that osls talks to.
        log: gets osls' output.
        timeout: seconds.

    Raises:
        ToolError: it failed or took over `timeout` seconds; the text shows the log's end.
    """
    environment = {
        **node.choose().environment(clean_environment()),
        **aws,
        "SLS_AWS_MONITORING_FREQUENCY": "100",  # ms between looks at the stack
        "NODE_NO_WARNINGS": "1",
    }
    command: list[str | Path] = [_OSLS, *arguments, "--region", aws["AWS_REGION"]]
    for name, value in parameters.items():
        command += ["--param", f"{name}={value}"]
    run(f"osls {arguments[0]}", command, log, environment, service, timeout)


def compile_template(
    service: Path,
    log: Path,
    *,
    stage: str = STAGE,
    region: str = REGION,
    parameters: Mapping[str, str] | None = None,
) -> Path:
    """Compiles a stage of a snapshot; returns the folder of `TEMPLATE` and zips.

    Args:
        service: the snapshot.
        log: gets osls' output.
        stage: of serverless.yml.
        region: to compile for.
        parameters: params of serverless.yml; the layer lies in the folder `LAYER` of the snapshot
            unless `layerPath` names another.

    Raises:
        ToolError: osls refused; the text shows the log's end.
    """
    arguments = ["package", "--package", "compiled", "--stage", stage]
    values = {"layerPath": LAYER, **(parameters or {})}
    with cloudformation.without_stacks() as endpoint:
        osls(arguments, values, service, aws_environment(endpoint, region), log)
    return service / "compiled"


def package() -> Path:
    """Writes build/aws: `cloudformation.json`, a zip per function, `liveproof.zip` (the layer).

    `osls deploy --package build/aws/osls` uploads the same.
    """
    output = BUILD / "aws"
    layer.build("lambda")
    with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
        service = snapshot(Path(scratch) / "service")
        shutil.copytree(layer.folder("lambda"), service / LAYER)
        compiled = compile_template(service, output / "osls.log")
        shutil.rmtree(output / "osls", ignore_errors=True)
        shutil.copytree(compiled, output / "osls")
    shutil.copyfile(output / "osls" / TEMPLATE, output / "cloudformation.json")
    for old in output.glob("*.zip"):
        old.unlink()
    for new in sorted((output / "osls").glob("*.zip")):
        shutil.copyfile(new, output / new.name)
    return output
