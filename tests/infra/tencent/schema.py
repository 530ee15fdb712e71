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
    found = []
    for (kind, name), body in configuration.resources().items():
        if kind in BUILT_IN:
            continue
        where = f"{kind}.{name}"
        if kind not in schema["resources"]:
            found.append(f"{where}: the kept schema has no such resource")
        else:
            given = {key: value for key, value in body.items() if key not in _META}
            found += _block(where, given, schema["resources"][kind])
    return found


def _block(where: str, given: dict[str, Any], schema: Document) -> Iterator[str]:
    attributes, blocks = schema["attributes"], schema.get("blocks", {})
    bodies = dict(_nested(given))
    for name, value in given.items():
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
        if "required" in properties and name not in given:
            yield f"{where}: {name} is missing"
    for name, block in blocks.items():
        if block["min"] and name not in bodies:
            yield f"{where}: block {name} is missing"


def _nested(given: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Nested blocks by name; a `dynamic` one counts as one of what it makes."""
    for name, value in given.items():
        if name == "dynamic":
            for each in value:
                for made, body in each.items():
                    yield made, body["content"]
        elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield name, value
