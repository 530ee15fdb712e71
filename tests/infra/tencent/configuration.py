"""Questions to the Terraform files of infra/tencent, as they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tools import hcl

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "infra" / "tencent"
Body = dict[str, Any]
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


def bare(value: Any) -> Any:
    """A literal without the quotes that the parser leaves, in lists and blocks too."""
    if isinstance(value, str) and _LITERAL.fullmatch(value):
        return json.loads(value)
    if isinstance(value, list):
        return [bare(element) for element in value]
    if isinstance(value, dict):
        return {bare(k): bare(v) for k, v in value.items() if not str(k).startswith("__")}
    return value


class Configuration:
    """The parsed files of a folder: blocks by their labels."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.texts = {file.name: file.read_text() for file in files}
        self.trees = {name: hcl.parse(text) for name, text in self.texts.items()}

    def blocks(self, kind: str) -> Iterator[tuple[str, Any]]:
        """First label and the rest of every block of a kind, such as `variable`."""
        for tree in self.trees.values():
            for block in tree.get(kind, []):
                yield from bare(block).items()

    def variables(self) -> dict[str, Body]:
        return dict(self.blocks("variable"))

    def default(self, variable: str) -> Any:
        return self.variables()[variable]["default"]

    def outputs(self) -> dict[str, Body]:
        return dict(self.blocks("output"))

    def locals(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for tree in self.trees.values():
            for block in tree.get("locals", []):
                values |= bare(block)
        return values

    def resources(self) -> dict[tuple[str, str], Body]:
        """Body of every resource by its type and name."""
        return {
            (kind, name): body
            for kind, named in self.blocks("resource")
            for name, body in named.items()
        }

    def of_type(self, kind: str) -> dict[str, Body]:
        """Name to body of every resource of a type; never empty."""
        bodies = {
            name: body
            for (block_kind, name), body in self.resources().items()
            if block_kind == kind
        }
        assert bodies, f"there is no {kind}"
        return bodies

    def module(self, name: str) -> Body:
        module: Body = dict(self.blocks("module"))[name]
        return module


def root() -> Configuration:
    """What is deployed."""
    return Configuration(sorted(FOLDER.glob("*.tf")))


def functions_file() -> dict[str, Any]:
    """functions.json, with its names in braces."""
    document: dict[str, Any] = json.loads((FOLDER / "functions.json").read_text())
    return document


def names_in_braces(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", text))
