"""Checks resources against the provider's schema, where the provider itself cannot be had.

It finds arguments and blocks that the provider does not know, arguments that only the provider
sets, and required ones that are missing; it knows neither types nor values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.infra.tencent.configuration import Configuration

Document = dict[str, Any]
# Of Terraform's own provider.
BUILT_IN = {"terraform_data"}
# Terraform's own, in every resource.
_META = {"count", "for_each", "provider", "depends_on", "lifecycle"}


def kept() -> Document:
    """The part of the schema that this folder keeps."""
    document: Document = json.loads(Path(__file__).with_name("provider_schema.json").read_text())
    return document


def findings(configuration: Configuration, schema: Document) -> list[str]:
    """What is wrong, one sentence each."""
    findings = []
    for (kind, name), body in configuration.resources().items():
        if kind in BUILT_IN:
            continue
        where = f"{kind}.{name}"
        if kind not in schema["resources"]:
            findings.append(f"{where}: the kept schema has no such resource")
        else:
            arguments = {key: value for key, value in body.items() if key not in _META}
            findings += _block(where, arguments, schema["resources"][kind])
    return findings


def _block(where: str, arguments: dict[str, Any], schema: Document) -> Iterator[str]:
    attributes, blocks = schema["attributes"], schema.get("blocks", {})
    bodies = dict(_nested(arguments))
    for name, value in arguments.items():
        if name in attributes and name not in bodies:
            if attributes[name] == ["computed"]:
                yield f"{where}: the provider sets {name}"
        elif name in blocks or name == "dynamic":
            continue
        else:
            yield f"{where}: there is no {name}: {value!r}"
    for name, repeated in bodies.items():
        for body in repeated:
            if name in blocks:
                yield from _block(f"{where}.{name}", body, blocks[name])
            else:
                yield f"{where}: there is no block {name}"
    for name, properties in attributes.items():
        if "required" in properties and name not in arguments:
            yield f"{where}: {name} is missing"
    for name, block in blocks.items():
        if block["min"] and name not in bodies:
            yield f"{where}: block {name} is missing"


def _nested(arguments: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Nested blocks by name; a `dynamic` one counts as one of what it makes."""
    for name, value in arguments.items():
        if name == "dynamic":
            for block in value:
                for made, body in block.items():
                    yield made, body["content"]
        elif (
            isinstance(value, list)
            and value
            and all(isinstance(element, dict) for element in value)
        ):
            yield name, value
