"""Checks the names in a file of Terraform's variables, of which Terraform warns at most.

`python -m tools.deployment.tfvars FILE`: exit status 0, or 1 with a line for each name that
infra/tencent does not have. Variables of the environment (TF_VAR_...) are checked, too.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lark.exceptions import LarkError

from tools import ROOT, hcl
from tools.command import exit_status
from tools.parameters import suggestion
from tools.processes import ToolError

_PREFIX = "TF_VAR_"


def variables() -> dict[str, list[str]]:
    """The variables of infra/tencent; for one that is an object, its attributes."""
    attributes = {}
    for path in _files():
        document = hcl.load(path)
        for block in document["variable"]:
            for quoted, body in block.items():
                kind = str(body["type"])
                names = re.findall(r"(\w+) = ", kind) if "object(" in kind else []
                attributes[quoted.strip('"')] = names
    return attributes


def secrets() -> set[str]:
    """The variables whose values nobody may read."""
    return {
        quoted.strip('"')
        for path in _files()
        for block in hcl.load(path)["variable"]
        for quoted, body in block.items()
        if body.get("sensitive")
    }


def values(text: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """What a file's text and the environment set, by name. The file goes before, as for Terraform.

    Raises:
        ValueError: Terraform could not read the text, or a variable of the environment.
    """
    names = variables()
    result: dict[str, Any] = {}
    for name, value in environment.items():
        if name.startswith(_PREFIX):
            variable = name.removeprefix(_PREFIX)
            is_object = bool(names.get(variable))
            result[variable] = _read(f"value = {value}").get("value") if is_object else value
    return {**result, **_read(text)}


def unknown_names(text: str, environment: Mapping[str, str]) -> list[str]:
    """A sentence for each name, in the file's text or in the environment, that is no variable or
    no attribute of one. (Terraform does not even warn of an object's unknown attributes.)

    Raises:
        ValueError: Terraform could not read the text, or a variable of the environment.
    """
    names = variables()
    sentences = []
    for name, value in values(text, environment).items():
        if name not in names:
            sentences.append(f"there is no variable {name}{suggestion(name, names)}")
        elif names[name] and isinstance(value, dict):
            keys = (key.strip('"') for key in value if not key.startswith("__"))
            sentences += [
                f"{name} has no {key}{suggestion(key, names[name])}"
                for key in keys
                if key not in names[name]
            ]
    return sentences


def _files() -> list[Path]:
    return sorted((ROOT / "infra" / "tencent").glob("variables*.tf"))


def _read(text: str) -> dict[str, Any]:
    try:
        document = hcl.parse(text)
    except LarkError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    return {
        name.strip('"'): value.strip('"') if isinstance(value, str) else value
        for name, value in document.items()
        if not name.startswith("__")
    }


def main() -> int:
    """The command line."""
    if len(sys.argv) != 2:
        raise ToolError("usage: python -m tools.deployment.tfvars FILE")
    path = Path(sys.argv[1])
    try:
        sentences = unknown_names(path.read_text(encoding="utf-8"), os.environ)
    except (OSError, ValueError) as error:
        raise ToolError(f"{path} cannot be read: {error}") from None
    if sentences:
        raise ToolError("\n".join(sentences))
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
