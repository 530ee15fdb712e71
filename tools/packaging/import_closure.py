"""The modules that a program can import: import statements, followed through trees of packages.

Statements inside functions count too, so a module that is imported late is found as well as one
that is imported at start. Imports for type checkers only do not count. The caller names modules
that are imported by a computed name or by a binary.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path


class Missing(Exception):
    """An imported module is not in the trees, nor in the standard library, nor listed as absent."""


def closure(
    trees: Sequence[Path],
    programs: Iterable[Path],
    hidden: Mapping[str, tuple[str, ...]],
    absent: frozenset[str],
) -> dict[Path, Path]:
    """The files of every module that programs reach, packages' `__init__` included.

    Args:
        trees: the folders with the packages; a module is in the first one that has it.
        programs: the files to begin with, which belong to no package.
        hidden: module to the modules that it imports without a statement.
        absent: modules and packages that are left out.

    Returns:
        The path in its tree to the file.

    Raises:
        Missing: with both names.
    """
    files: dict[Path, Path] = {}
    seen: set[str] = set()
    waiting = [
        (module, program.name)
        for program in programs
        for module in _imports(trees, "", program.read_bytes())
    ]
    while waiting:
        name, importer = waiting.pop()
        if name in seen or _is_absent(name, absent):
            continue
        seen.add(name)
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append((parent, importer))
        tree = _tree_of(trees, name)
        if tree is None:
            if name.partition(".")[0] in sys.stdlib_module_names:
                continue
            raise Missing(f"{importer} imports {name}")
        file = locate(tree, name)
        if file is None:
            continue  # a package without an `__init__`
        files[file.relative_to(tree)] = file
        waiting += [(module, name) for module in hidden.get(name, ())]
        if file.suffix == ".py":
            package = name if file.name == "__init__.py" else parent
            waiting += [(module, name) for module in _imports(trees, package, file.read_bytes())]
    return files


def locate(tree: Path, name: str) -> Path | None:
    """A module's file in a tree: a package's `__init__`, a source or a binary."""
    path = tree / _path(name)
    for candidate in (path / "__init__.py", path.with_name(f"{path.name}.py")):
        if candidate.is_file():
            return candidate
    return next(iter(sorted(path.parent.glob(f"{path.name}.*so"))), None)


def _tree_of(trees: Sequence[Path], name: str) -> Path | None:
    """The first tree that has a module, or a folder of its name."""
    for tree in trees:
        if locate(tree, name) is not None or (tree / _path(name)).is_dir():
            return tree
    return None


def _path(name: str) -> str:
    return name.replace(".", "/")


def _is_absent(name: str, absent: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:count]) in absent for count in range(1, len(parts) + 1))


def _imports(trees: Sequence[Path], package: str, source: bytes) -> Iterator[str]:
    for node in _import_statements(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            base = _base(package, node)
            yield base
            for alias in node.names:
                member = f"{base}.{alias.name}"
                if any(locate(tree, member) is not None for tree in trees):
                    yield member


@lru_cache(maxsize=4096)
def _import_statements(source: bytes) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Cached: the functions' packages share almost every module."""
    return tuple(_statements(ast.parse(source)))


def _base(package: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, node.module] if node.module else above)


def _statements(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and _only_for_types(node.test):
            yield from _statements(ast.Module(node.orelse, []))
        elif isinstance(node, (ast.stmt, ast.excepthandler, ast.match_case)):
            yield from _statements(node)  # an expression holds none


def _only_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
