"""Who may import whom."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "layers" / "liveproof"
FUNCTIONS = ROOT / "functions"
CLOUD_SDKS = ("boto3", "botocore", "mypy_boto3_")


class Import(NamedTuple):
    module: str
    imported: str
    typing_only: bool


def _module_of(path: Path) -> str:
    base = LIBRARY.parent if LIBRARY in path.parents else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports would escape this test"
        # `from package import module` imports the module.
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _imports(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text())
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for name in _names(node):
            yield Import(_module_of(path), name, id(node) in guarded)


@cache
def imports() -> list[Import]:
    """Every import of the deployed code."""
    return [
        statement
        for folder in (LIBRARY, FUNCTIONS)
        for path in sorted(folder.rglob("*.py"))
        for statement in _imports(path)
    ]


def of(*modules: str) -> list[Import]:
    return [statement for statement in imports() if statement.module.startswith(modules)]


def is_in(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_imports_point_inwards() -> None:
    """The layer rule.

    The domain (what a verification is, how it may change) knows nothing but itself. Use cases know
    the domain and the ports, and never a cloud or HTTP: `api` maps what they raise. What they use
    to reach vendors and endpoints of webhooks does not know them. Only adapters in `clouds/<cloud>`
    know a cloud's SDK, drivers and event shapes; `runtime` finds them by the cloud's name, so
    nothing imports them. Only `vendors` knows a vendor's SDK. Logs and metrics go through
    `observability`, which alone takes powertools' Logger and Metrics. Handlers in `functions` are
    made by `runtime` from one use case.
    """
    wrong = [
        *(
            statement
            for statement in imports()
            if statement.imported.startswith(CLOUD_SDKS)
            and not is_in(statement.module, "liveproof.clouds.aws")
        ),
        *(
            statement
            for statement in imports()
            if is_in(statement.imported, "pymysql", "sqlite3")
            and not is_in(statement.module, "liveproof.clouds.tencent")
        ),
        *(
            statement
            for statement in imports()
            if is_in(statement.imported, "aws_lambda_powertools")
            and not is_in(statement.module, "liveproof.clouds.aws", "liveproof.observability")
        ),
        *(
            statement
            for statement in imports()
            if is_in(statement.imported, "tencentcloud")
            and not is_in(statement.module, "liveproof.vendors")
        ),
        *(
            statement
            for statement in of("liveproof.domain")
            if is_in(statement.imported, "liveproof")
            and not is_in(statement.imported, "liveproof.domain")
        ),
        *(
            statement
            for statement in imports()
            if is_in(statement.imported, "liveproof.clouds")
            and not is_in(statement.module, "liveproof.clouds")
        ),
        *(
            statement
            for statement in of("liveproof.use_cases", "liveproof.webhooks", "liveproof.vendors")
            if is_in(statement.imported, "liveproof.api")
        ),
        *(
            statement
            for statement in of("liveproof.webhooks", "liveproof.vendors")
            if is_in(statement.imported, "liveproof.use_cases")
        ),
        *(
            statement
            for statement in of("liveproof.clouds")
            if is_in(statement.imported, "liveproof.runtime", "liveproof.use_cases")
        ),
        *(
            statement
            for statement in of("functions.")
            if is_in(statement.imported, "liveproof")
            and not is_in(
                statement.imported,
                "liveproof.runtime",
                "liveproof.use_cases",
            )
        ),
    ]

    assert wrong == []


def test_adapters_of_one_cloud_do_not_know_another() -> None:
    clouds = sorted(path.name for path in (LIBRARY / "clouds").iterdir() if path.is_dir())
    for cloud in clouds:
        others = [f"liveproof.clouds.{other}" for other in clouds if other != cloud]
        assert not [
            statement
            for statement in of(f"liveproof.clouds.{cloud}")
            if others and is_in(statement.imported, *others)
        ]


def test_the_library_does_not_know_what_is_around_it() -> None:
    around = (
        "functions", "liveproof_cli", "liveproof_emulator", "simulator", "tools", "tests", "bench",
    )  # fmt: skip

    assert [statement for statement in of("liveproof") if is_in(statement.imported, *around)] == []


def test_the_deployed_library_is_no_command() -> None:
    modules = [path for path in LIBRARY.rglob("*.py") if path.name == "__main__.py"]

    assert modules == []
    parsers = ("argparse", "click", "rich")
    assert not [statement for statement in of("liveproof") if is_in(statement.imported, *parsers)]


def test_the_command_knows_the_library_the_simulator_the_console_and_what_judges_webhooks() -> None:
    allowed = ("liveproof", "liveproof_cli", "simulator", "tools.console", "tools.webhooks")
    ours = ("functions", "liveproof_emulator", "tools", "tests", "bench")
    wrong = [
        statement
        for path in (ROOT / "liveproof_cli").rglob("*.py")
        for statement in _imports(path)
        if is_in(statement.imported, *ours) and not is_in(statement.imported, *allowed)
    ]
    assert wrong == []


def test_the_domain_needs_the_standard_library_and_msgspec_only() -> None:
    allowed = {*sys.stdlib_module_names, "msgspec", "liveproof"}

    assert {statement.imported.split(".")[0] for statement in of("liveproof.domain")} <= allowed


def test_every_function_has_the_same_file_names() -> None:
    folders = [path for path in FUNCTIONS.iterdir() if path.is_dir()]

    assert len(folders) == 12
    for folder in folders:
        assert [path.name for path in sorted(folder.glob("*.py"))] == ["handler.py"]


def test_no_module_of_the_library_is_longer_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in LIBRARY.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }

    assert long == {}


# -- circles ----------------------------------------------------------------------------------

PACKAGES = {
    "liveproof": LIBRARY,
    "liveproof_cli": ROOT / "liveproof_cli",
    "liveproof_emulator": ROOT / "liveproof_emulator",
    "simulator": ROOT / "simulator",
    "tools": ROOT / "tools",
}


def _modules() -> dict[str, Path]:
    """Every module of the packages by its dotted name; a package's own is `NAME.__init__`."""
    return {
        ".".join((package, *path.relative_to(folder).with_suffix("").parts)): path
        for package, folder in PACKAGES.items()
        for path in sorted(folder.rglob("*.py"))
    }


def _target(name: str, modules: Mapping[str, Path]) -> str | None:
    """The module that an imported name is or lies in; None for one of another project."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for module in (prefix, f"{prefix}.__init__"):
            if module in modules:
                return module
    return None


def _siblings(importer: str, imported: str) -> tuple[str, str, str] | None:
    """The innermost package that holds both modules, and its parts that they lie in."""
    one, other = importer.split("."), imported.split(".")
    shared = 0
    while one[shared] == other[shared]:
        shared += 1
        if shared in (len(one), len(other)):
            return None
    return ".".join(one[:shared]), one[shared], other[shared]


def _circles() -> list[set[str]]:
    """The parts of a package that import one another in a circle, by their dotted names.

    A package's parts are its modules and folders. An import within a folder concerns that folder's
    parts only; imports for type checkers count like all others.
    """
    modules = _modules()
    graphs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text())):
            for name in _names(node):
                target = _target(name, modules)
                siblings = target and _siblings(module, target)
                if siblings:
                    package, importer, imported = siblings
                    graphs[package][importer].add(imported)
    return [
        {f"{package}.{part}".removeprefix(".") for part in circle}
        for package, graph in graphs.items()
        for circle in _circles_of(graph)
    ]


def _circles_of(graph: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """The largest sets of nodes that all reach one another; single nodes are left out."""
    reached = {node: _reachable(graph, node) for node in graph}
    seen: set[str] = set()
    for node, others in reached.items():
        if node in seen or node not in others:
            continue
        circle = {other for other in others if node in reached.get(other, ())}
        seen |= circle
        yield circle


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    reachable: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in reachable:
            reachable.add(node)
            waiting += graph.get(node, ())
    return reachable


def test_no_package_imports_in_a_circle() -> None:
    assert _circles() == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str]()}

    assert list(_circles_of(graph)) == [{"b", "c"}]
