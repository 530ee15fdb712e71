"""Which files import a module of the core, by their text."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

CORE = "layers/liveproof/"


def name_of(file: str) -> str:
    """The name by which a file of the core is imported; its path is in the repository."""
    parts = Path(file).relative_to("layers").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def importers(tree: Path, files: Iterable[str]) -> dict[str, set[str]]:
    """By the module's name: the files that import it or a name of it, inside of functions too.

    Args:
        files: their paths in the tree.

    Returns:
        Of a module of the core, its path below layers/liveproof; of another file, as it was given.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for node in ast.walk(ast.parse((tree / file).read_text("utf-8"))):
            for name in _imported(node):
                found[name].add(file.removeprefix(CORE))
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
