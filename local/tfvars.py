"""Checks the names in a file of Terraform's variables, of which Terraform only warns.

`python -m local.tfvars FILE`: exit status 0, or 1 with a line for each name that infra/tencent
does not know. It knows the variables in the environment (TF_VAR_...) as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import hcl2
from lark.exceptions import LarkError

from local import ROOT
from local.parameters import suggestion

_PREFIX = "TF_VAR_"


def known() -> list[str]:
    """The variables of infra/tencent."""
    found = []
    for path in sorted((ROOT / "infra" / "tencent").glob("variables*.tf")):
        document = hcl2.loads(path.read_text(encoding="utf-8"))
        found += [name.strip('"') for block in document["variable"] for name in block]
    return found


def unknown(text: str, environment: Mapping[str, str]) -> list[str]:
    """A sentence for each name, in the file's text or in the environment, that is no variable.

    Raises:
        ValueError: the text is not what Terraform reads.
    """
    try:
        document = hcl2.loads(text)
    except LarkError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    given = [name.strip('"') for name in document if not name.startswith("__")]
    given += [n.removeprefix(_PREFIX) for n in environment if n.startswith(_PREFIX)]
    names = known()
    return [
        f"there is no variable {name}{suggestion(name, names)}"
        for name in given
        if name not in names
    ]


def main() -> None:
    """The command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m local.tfvars FILE")
    path = Path(sys.argv[1])
    try:
        told = unknown(path.read_text(encoding="utf-8"), os.environ)
    except (OSError, ValueError) as error:
        sys.exit(f"{path} cannot be read: {error}")
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
