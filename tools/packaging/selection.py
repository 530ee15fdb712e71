"""What a deployed package holds: the files that its functions can import, and their data.

What is in it follows from import statements (`import_closure`). A package is small, since a cold
start unpacks it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from liveproof.outbound.ca_certificates import FOLDER
from tools import BUILD, ROOT
from tools.packaging import authorities, elf, import_closure
from tools.processes import ToolError

# SenseID's encryption, for the check `silent`, and the Ed25519 keys of webhooks.
_WITH_CRYPTOGRAPHY = frozenset({"run_check", "deliver_result", "webhooks"})
# Optional modules: imported only by code that the functions do not use, or only if present.
_ABSENT = frozenset(
    {
        # For operators' commands and for tests, or never installed.
        "boto3", "botocore", "aws_xray_sdk", "annotationlib", "attrs", "bcrypt", "pydantic",
        "pydantic_core", "tomli", "tomli_w", "tomllib", "yaml",
        # Powertools' HTTP framework and event classes, which its tracing middleware can wrap.
        "aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.data_classes",
        # PyMySQL's encrypted password without TLS, which liveproof refuses.
        "cryptography.hazmat.backends", "cryptography.hazmat.primitives.asymmetric.padding",
        "cryptography.hazmat.primitives.serialization", "nacl",
    }
)  # fmt: skip
_CRYPTOGRAPHY = frozenset({"cryptography", "_cffi_backend"})
# Imported without a statement, by a binary; certifi is found and not imported.
_HIDDEN = {
    "cryptography.hazmat.bindings._rust": ("_cffi_backend",),
    "liveproof.outbound.ca_certificates": ("certifi",),
}
_DATA = {"liveproof": "data/**/*.json"}
# Where a distribution is not called what is imported.
_DISTRIBUTIONS = {"tencentcloud": "tencentcloud_sdk_python_common", "_cffi_backend": "cffi"}


def select(cloud: str, functions: Iterable[str], dependencies: Path, into: Path) -> Path:
    """Copies into a new folder what functions need at runtime, but not their handlers; returns it.

    Args:
        cloud: aws or tencent.
        dependencies: a tree of `wheels`.

    Raises:
        ToolError: an import leads nowhere.
    """
    names = list(functions)
    absent = _ABSENT if _WITH_CRYPTOGRAPHY.intersection(names) else _ABSENT | _CRYPTOGRAPHY
    adapters = tuple(f"liveproof.clouds.{cloud}.{name}" for name in ("runtime", "http", "events"))
    hidden = {**_HIDDEN, "liveproof.runtime": adapters}
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="liveproof-", dir=BUILD) as scratch:
        whole = Path(scratch) / "whole"
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(dependencies, whole, copy_function=os.link, ignore=ignored)
        shutil.copytree(ROOT / "layers" / "liveproof", whole / "liveproof", ignore=ignored)
        shutil.copytree(ROOT / "functions", whole / "functions", ignore=ignored)
        roots = [f"functions.{name}.handler" for name in names]
        modules = _closure(whole, roots, hidden, absent)
        tops = sorted({file.relative_to(whole).parts[0].partition(".")[0] for file in modules})
        for file in [*modules, *_data(whole, tops)]:
            _copy(file, into / file.relative_to(whole))
        if "certifi" in tops:
            authorities.split(whole / "certifi" / "cacert.pem", into / "certifi" / FOLDER)
        for folder in _metadata(whole, tops):
            _copy_metadata(folder, into / folder.name)
    return into


def distribution(top: str) -> str:
    """The distribution in which an imported package or module comes."""
    return _DISTRIBUTIONS.get(top, top)


def _closure(
    whole: Path, roots: list[str], hidden: Mapping[str, tuple[str, ...]], absent: frozenset[str]
) -> list[Path]:
    try:
        files = import_closure.closure(whole, roots, hidden, absent)
    except import_closure.Missing as missing:
        raise ToolError(f"{missing}, which is not packed") from None
    return sorted(file for file in files if whole / "functions" not in file.parents)


def _data(whole: Path, tops: Iterable[str]) -> Iterator[Path]:
    for top in tops:
        if top in _DATA:
            yield from sorted((whole / top).glob(_DATA[top]))


def _metadata(whole: Path, tops: Iterable[str]) -> Iterator[Path]:
    for top in tops:
        yield from whole.glob(f"{distribution(top)}-*.dist-info")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".so":
        target.write_bytes(elf.without_symbols(source.read_bytes()))
    else:
        shutil.copyfile(source, target)


def _copy_metadata(source: Path, target: Path) -> None:
    """Name, version and licences; not the project's page, which is most of it."""
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        name = file.name.upper()
        if name.startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")):
            _copy(file, target / file.relative_to(source))
        elif name == "METADATA":
            target.mkdir(parents=True, exist_ok=True)
            header = file.read_text(encoding="utf-8").partition("\n\n")[0]
            (target / file.name).write_text(header + "\n", encoding="utf-8")
