"""Checks the names in a file of Terraform's variables, of which Terraform warns at most.

`python -m tools.deployment.tfvars FILE`: exit status 0, or 1 with a line for each name that
infra/tencent does not know. It knows the variables in the environment (TF_VAR_...) as well.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hcl2
from lark.exceptions import LarkError

from tools import ROOT
from tools.parameters import suggestion

_PREFIX = "TF_VAR_"


def known() -> dict[str, list[str]]:
    """The variables of infra/tencent; for one that is an object, its attributes."""
    found = {}
    for path in sorted((ROOT / "infra" / "tencent").glob("variables*.tf")):
        document = hcl2.loads(path.read_text(encoding="utf-8"))
        for block in document["variable"]:
            for name, body in block.items():
                kind = str(body["type"])
                attributes = re.findall(r"(\w+) = ", kind) if "object(" in kind else []
                found[name.strip('"')] = attributes
    return found


def unknown(text: str, environment: Mapping[str, str]) -> list[str]:
    """A sentence for each name, in the file's text or in the environment, that is no variable or
    no attribute of one. (Of an object's attributes Terraform does not even warn.)

    Raises:
        ValueError: the text, or a variable of the environment, is not what Terraform reads.
    """
    names = known()
    given = dict(_read(text))
    for name, value in environment.items():
        if name.startswith(_PREFIX):
            variable = name.removeprefix(_PREFIX)
            is_object = bool(names.get(variable))
            given[variable] = _read(f"value = {value}").get("value") if is_object else value
    told = []
    for name, value in given.items():
        if name not in names:
            told.append(f"there is no variable {name}{suggestion(name, names)}")
        elif names[name] and isinstance(value, dict):
            told += [
                f"{name} has no {key}{suggestion(key, names[name])}"
                for key in (each.strip('"') for each in value if not each.startswith("__"))
                if key not in names[name]
            ]
    return told


def _read(text: str) -> dict[str, Any]:
    try:
        document = hcl2.loads(text)
    except LarkError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    return {name.strip('"'): each for name, each in document.items() if not name.startswith("__")}


def main() -> None:
    """The command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.deployment.tfvars FILE")
    path = Path(sys.argv[1])
    try:
        told = unknown(path.read_text(encoding="utf-8"), os.environ)
    except (OSError, ValueError) as error:
        sys.exit(f"{path} cannot be read: {error}")
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
