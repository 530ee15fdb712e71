"""Names in braces in functions.json become values, as Terraform does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tools import hcl

_NAME = re.compile(r"\$\{\s*([a-z][a-z0-9_]*)\s*\}")


class WiringError(Exception):
    """infra/tencent and the values for it do not fit; the text names the difference."""


def names_in(text: str) -> set[str]:
    """Every name in braces."""
    return set(_NAME.findall(text))


def fill(text: str, values: Mapping[str, str], source: Path) -> str:
    """The text with its values, in their places as they are, like `templatefile`.

    Raises:
        WiringError: a name has no value, or there is more in braces than a name.
    """
    missing = sorted(names_in(text) - values.keys())
    if missing:
        raise WiringError(f"{source}: nothing gives a value to {', '.join(missing)}")
    rest = _NAME.sub("", text)
    if "${" in rest or "%{" in rest:
        raise WiringError(f"{source}: only names can be read in braces, no expressions")
    return _NAME.sub(lambda match: values[match[1]], text)


def defaults(path: Path) -> dict[str, str]:
    """The variables of a Terraform file that have a default, as text, as Terraform writes it.

    Raises:
        WiringError: a default is no string, number, bool or empty mapping.
    """
    document = hcl.load(path)
    texts = {}
    for block in document.get("variable", []):
        for quoted, variable in block.items():
            name = quoted.strip('"')
            if "default" in variable:
                texts[name] = _text(path, name, variable["default"])
    return texts


def _text(path: Path, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if value == {}:
        return "{}"
    # Strings come with their quotes; anything with an expression inside is no plain value.
    if isinstance(value, str) and value.startswith('"') and "${" not in value:
        return value[1:-1]
    raise WiringError(f"{path}: the default of {name} is no plain value")
