"""Who may import whom."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
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


IMPORTS = [
    found
    for folder in (LIBRARY, FUNCTIONS)
    for path in sorted(folder.rglob("*.py"))
    for found in _imports(path)
]


def of(*modules: str) -> list[Import]:
    return [found for found in IMPORTS if found.module.startswith(modules)]


def is_in(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_imports_point_inwards() -> None:
    """The layer rule.

    The domain (what a verification is, how it may change) knows nothing but itself. Use cases know
    the domain and the ports, and never a cloud. Only adapters in `clouds/<cloud>` know a cloud's
    SDK, drivers and event shapes; `runtime` finds them by the cloud's name, so nothing imports
    them. Only `vendors` knows a vendor's SDK. Logs and metrics go through `observability`, which
    alone takes powertools' Logger and Metrics. Handlers in `functions` are made by `runtime` from
    one use case.
    """
    wrong = [
        *(
            found
            for found in IMPORTS
            if found.imported.startswith(CLOUD_SDKS)
            and not is_in(found.module, "liveproof.clouds.aws")
        ),
        *(
            found
            for found in IMPORTS
            if is_in(found.imported, "pymysql", "sqlite3")
            and not is_in(found.module, "liveproof.clouds.tencent")
        ),
        *(
            found
            for found in IMPORTS
            if is_in(found.imported, "aws_lambda_powertools")
            and not is_in(found.module, "liveproof.clouds.aws", "liveproof.observability")
        ),
        *(
            found
            for found in IMPORTS
            if is_in(found.imported, "tencentcloud")
            and not is_in(found.module, "liveproof.vendors")
        ),
        *(
            found
            for found in of("liveproof.domain")
            if is_in(found.imported, "liveproof") and not is_in(found.imported, "liveproof.domain")
        ),
        *(
            found
            for found in IMPORTS
            if is_in(found.imported, "liveproof.clouds")
            and not is_in(found.module, "liveproof.clouds", "liveproof.__main__")
        ),
        *(
            found
            for found in of("functions.")
            if is_in(found.imported, "liveproof")
            and not is_in(
                found.imported,
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
            found
            for found in of(f"liveproof.clouds.{cloud}")
            if others and is_in(found.imported, *others)
        ]


def test_the_library_does_not_know_what_is_around_it() -> None:
    around = ("functions", "liveproof_emulator", "tools", "tests", "bench")

    assert [found for found in of("liveproof") if is_in(found.imported, *around)] == []


def test_the_domain_needs_the_standard_library_and_msgspec_only() -> None:
    allowed = {*sys.stdlib_module_names, "msgspec", "liveproof"}

    assert {found.imported.split(".")[0] for found in of("liveproof.domain")} <= allowed


def test_every_function_has_the_same_file_names() -> None:
    folders = [path for path in FUNCTIONS.iterdir() if path.is_dir()]

    assert len(folders) == 9
    for folder in folders:
        assert [path.name for path in sorted(folder.glob("*.py"))] == ["handler.py"]


def test_no_module_of_the_library_is_longer_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in LIBRARY.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }

    assert long == {}
