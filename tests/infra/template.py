"""Questions to a compiled CloudFormation template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]


class Template:
    """A parsed template; resources by type, references followed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.resources: dict[str, Resource] = document["Resources"]

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Logical id to properties of every resource of a type; never empty."""
        by_name = {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }
        assert by_name, f"the template has no {kind}"
        return by_name

    def functions(self) -> dict[str, Resource]:
        """Properties of each function, by the last part of its name, for example `run_check`."""
        return {
            properties["FunctionName"].rsplit("-", 1)[1]: properties
            for properties in self.of_type("AWS::Lambda::Function").values()
        }

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Every statement of a role's policies, those under a condition as well."""
        properties = self.resources[role]["Properties"]
        assert not properties.get("ManagedPolicyArns"), f"{role} has policies of somebody else"
        return [
            statement["Fn::If"][1] if "Fn::If" in statement else statement
            for policy in properties["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]


def as_list(value: Any) -> list[Any]:
    """IAM takes one or many."""
    return value if isinstance(value, list) else [value]


def target_of(value: Any) -> str:
    """The logical id that a `Ref` or `Fn::GetAtt` points to."""
    if "Ref" in value:
        return str(value["Ref"])
    attribute = value["Fn::GetAtt"]
    return str(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])


def text_of(resource: Any) -> str:
    """A policy's resource as text: a `Fn::Sub`'s pattern, or `Logical.Attribute`."""
    if isinstance(resource, str):
        return resource
    if "Fn::Sub" in resource:
        return str(resource["Fn::Sub"])
    if "Fn::GetAtt" in resource:
        attribute = resource["Fn::GetAtt"]
        return ".".join(attribute) if isinstance(attribute, list) else str(attribute)
    return str(resource["Ref"])


def strings_in(value: Any) -> Iterator[str]:
    """Every string in a document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, element in value.items():
            yield key
            yield from strings_in(element)
    elif isinstance(value, list):
        for element in value:
            yield from strings_in(element)
