"""The alarms of both clouds, read from infra/."""

from __future__ import annotations

import re
from typing import Any

from liveproof import facts
from tools import ROOT, cloudformation_yaml, hcl
from tools.packaging.aws import checks

# A name that is cut off after so many characters.
_CUT = re.compile(r'\$\{trim\(substr\("(.+)", 0, \d+\), "-"\)\}')


def alarms() -> dict[str, tuple[str, str]]:
    """The alarms of infra/aws: name to metric and description."""
    resources = dict(cloudformation_yaml.load(ROOT / "infra" / "aws" / "alarms.yml")["Resources"])
    for check in facts.checks():
        resources |= checks.template(check)["Resources"]
    alarms = {}
    for name, resource in resources.items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            alarms[name] = (properties["MetricName"], properties["AlarmDescription"])
    return alarms


def tencent_alarms() -> list[str]:
    """The alarms of infra/tencent/alarms.tf, without what all of their names begin with."""
    document = hcl.load(ROOT / "infra" / "tencent" / "alarms.tf")
    names = []
    for block in document["resource"]:
        for named in block.values():
            for body in named.values():
                names += _names(body, document["locals"][0])
    return names


def _names(body: dict[str, Any], values: dict[str, Any]) -> list[str]:
    name = str(body.get("name", body.get("policy_name"))).strip('"')
    name = name.removeprefix("${local.prefix}-")
    if cut := _CUT.match(name):
        name = cut[1].replace("${var.stage}", "STAGE")
    reference = re.search(r"local\.(\w+)", str(body.get("for_each", "")))
    if reference is None:
        return [name]
    keys = (key.strip('"') for key in values[reference[1]] if not key.startswith("__"))
    return [name.replace("${each.key}", key) for key in keys]
