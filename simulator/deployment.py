"""What the files that deploy liveproof say of its functions: memory, time limits, concurrency."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from tools import ROOT, cloudformation_yaml, hcl
from tools.docs.costs import gigabytes_of_memory

STEPS = ("verify_upload", "run_check", "deliver_result", "erase")
_AWS_TIMEOUT_PARAM = "${param:runCheckTimeoutSeconds}"


class FunctionFacts(NamedTuple):
    """A function as it is deployed.

    Attributes:
        retries: on Tencent Cloud, how often an event is tried again after the function failed.
        retention_seconds: on Tencent Cloud, how long an event is tried.
    """

    name: str
    gigabytes: float
    timeout_seconds: float
    retries: int = 0
    retention_seconds: float = 0.0


class QueueFacts(NamedTuple):
    """A queue of AWS with its event source."""

    batch_size: int
    concurrency: int
    visibility_seconds: float


def _serverless() -> dict[str, Any]:
    return cloudformation_yaml.load(ROOT / "serverless.yml")


@cache
def _scf() -> dict[str, Any]:
    text = (ROOT / "infra" / "tencent" / "functions.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def reserved_mb() -> dict[str, float]:
    """By function on Tencent Cloud, the memory that is its own and its limit. The others share the
    rest of the region's. The default of the variable `reserved_concurrency_mb`."""
    variables = hcl.load(ROOT / "infra" / "tencent" / "variables_deployment.tf")["variable"]
    for variable in variables:
        for name, fields in variable.items():
            if name.strip('"') == "reserved_concurrency_mb":
                default = fields["default"]
                return {key.strip('"'): float(mb) for key, mb in default.items()}
    raise LookupError("infra/tencent has no variable reserved_concurrency_mb")


def aws_param(name: str) -> Any:
    """The default of a param of serverless.yml."""
    return _serverless()["params"]["default"][name]


@cache
def functions(cloud: str) -> dict[str, FunctionFacts]:
    """The functions that a verification passes through, and `sweep`; by their names."""
    names = (*STEPS, "sweep")
    if cloud == "tencent":
        listed = _scf()["functions"]
        return {
            name: FunctionFacts(
                name,
                gigabytes_of_memory(cloud, name),
                listed[name]["timeout_seconds"],
                listed[name]["retries"],
                listed[name]["retention_seconds"],
            )
            for name in names
        }
    return {
        name: FunctionFacts(name, gigabytes_of_memory(cloud, name), _aws_timeout(name))
        for name in names
    }


@cache
def create_gigabytes(cloud: str) -> float:
    """The memory of the function that creates verifications."""
    return gigabytes_of_memory(cloud, "create")


@cache
def queue(step: str) -> QueueFacts:
    """A step's queue on AWS, but for the concurrency of `run_check`, which each check has."""
    prefix = {
        "verify_upload": "uploads",
        "run_check": "checks",
        "deliver_result": "deliveries",
        "erase": "erasures",
    }
    concurrency = aws_param(f"{prefix[step]}Concurrency") if step != "run_check" else 0
    return QueueFacts(
        batch_size=10 if step == "verify_upload" else 1,
        concurrency=concurrency,
        visibility_seconds=aws_param(f"{prefix[step]}VisibilitySeconds"),
    )


def sweep_period_seconds(cloud: str) -> int:
    """How often the sweep runs."""
    return 60 if cloud == "aws" else 20


def _aws_timeout(name: str) -> float:
    camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
    document = _serverless()
    timeout = document["functions"][camel].get("timeout", document["provider"]["timeout"])
    if timeout == _AWS_TIMEOUT_PARAM:
        timeout = aws_param("runCheckTimeoutSeconds")
    return float(timeout)
