"""What a deployment changes in its CloudFormation stack: the compiled template beside the deployed.

CloudFormation's own change set needs the template in a bucket of the account first. This comparison
needs permission for `cloudformation:GetTemplate` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.processes import ToolError

Template = Mapping[str, Any]
"""A parsed template."""

_ABSENT = object()
# Where the zips of this deployment lie in the bucket: other keys at each deployment.
_UPLOADS = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
_SHOWN_CHARACTERS = 80
# About a minute in all; a template has at most 1 MB (CloudFormation's quota).
_LIMITS = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 3})


class Change(NamedTuple):
    """A resource that a deployment changes.

    Attributes:
        what: `new`, `changed` or `removed`.
        details: which properties change, and how if they are texts or numbers; a sentence about the
            data of a removed resource.
    """

    what: str
    type: str
    name: str
    details: tuple[str, ...] = ()


def deployed_template(stack: str, region: str) -> Template | None:
    """The template of a stack as it was deployed; None if there is no such stack.

    Raises:
        ToolError: AWS cannot be asked, or refuses; the text has the reason.
    """
    try:
        client = boto3.Session().client("cloudformation", region_name=region, config=_LIMITS)
        body = client.get_template(StackName=stack)["TemplateBody"]
    except ClientError as error:
        problem = error.response["Error"]
        if problem["Code"] == "ValidationError" and "does not exist" in problem["Message"]:
            return None
        raise ToolError(
            f"CloudFormation does not say what is deployed: {problem['Message']}"
        ) from None
    except BotoCoreError as error:
        raise ToolError(f"CloudFormation cannot be asked what is deployed: {error}") from None
    if not isinstance(body, Mapping):
        raise ToolError(f"the template of {stack} is not JSON, so liveproof did not deploy it")
    return body


def changes(deployed: Template, compiled: Template) -> list[Change]:
    """Of the resources and outputs, by name. The code itself is uploaded anew at each deployment
    and is not compared."""
    resources = [*_of_resources(deployed["Resources"], compiled["Resources"])]
    outputs = (template.get("Outputs", {}) for template in (deployed, compiled))
    details = tuple(_differences(*outputs))
    return [*resources, Change("changed", "Outputs", "", details)] if details else resources


def _of_resources(deployed: Template, compiled: Template) -> Iterator[Change]:
    for name in sorted(deployed.keys() | compiled.keys()):
        if name not in deployed:
            yield Change("new", compiled[name]["Type"], name)
            continue
        before, after = deployed[name], compiled.get(name)
        if after is None:
            stays = before.get("DeletionPolicy", "Delete") == "Retain"
            fate = "leaves the stack and stays in the account" if stays else "is deleted"
            yield Change("removed", before["Type"], name, (fate,))
        elif details := tuple(_differences(_comparable(before), _comparable(after))):
            yield Change("changed", after["Type"], name, details)


def _comparable(resource: Template) -> Template:
    properties = dict(resource.get("Properties", {}))
    properties.pop(_UPLOADS.get(resource["Type"], ""), None)
    others = {name: value for name, value in resource.items() if name != "Properties"}
    return {**properties, **others}


def _differences(before: object, after: object, path: str = "") -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            inner = f"{path}.{name}" if path else str(name)
            yield from _differences(before.get(name, _ABSENT), after.get(name, _ABSENT), inner)
        return
    yield f"{path}: {_shown(before)} -> {_shown(after)}"


def _shown(value: object) -> str:
    if value is _ABSENT:
        return "(none)"
    text = str(value) if isinstance(value, (str, int, float)) else "(...)"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def lines(stack: str, deployed: Template | None, compiled: Template) -> list[str]:
    """What will change, for people."""
    if deployed is None:
        return [f"There is no stack {stack} yet. It gets {len(compiled['Resources'])} resources."]
    differences = changes(deployed, compiled)
    if not differences:
        return [f"The stack {stack} keeps its resources as they are; the code is uploaded anew."]
    result = [f"The stack {stack} changes, and the code is uploaded anew:"]
    for change in differences:
        result.append(f"  {change.what:<8} {change.type} {change.name}".rstrip())
        result += [f"             {detail}" for detail in change.details]
    return result
