"""What a deployed package holds: the files that its functions can import, and their data.

What is in it follows from import statements (`import_closure`). A package is small, since a cold
start unpacks it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from liveproof.outbound.ca_certificates import FOLDER
from tools import ROOT
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
_LIBRARY = ROOT / "layers"
_DATA = "liveproof/data/**/*.json"
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
    handlers = [ROOT / "functions" / name / "handler.py" for name in names]
    files = _closure((dependencies, _LIBRARY), handlers, hidden, absent)
    tops = {path.parts[0].partition(".")[0] for path in files}
    for path, file in files.items():
        _copy(file, into / path)
    for file in sorted(_LIBRARY.glob(_DATA)):
        _copy(file, into / file.relative_to(_LIBRARY))
    authorities.split(dependencies / "certifi" / "cacert.pem", into / "certifi" / FOLDER)
    for top in sorted(tops):
        for folder in dependencies.glob(f"{distribution(top)}-*.dist-info"):
            _copy_metadata(folder, into / folder.name)
    return into


def distribution(top: str) -> str:
    """The distribution in which an imported package or module comes."""
    return _DISTRIBUTIONS.get(top, top)


def _closure(
    trees: Sequence[Path],
    handlers: Sequence[Path],
    hidden: Mapping[str, tuple[str, ...]],
    absent: frozenset[str],
) -> dict[Path, Path]:
    try:
        return import_closure.closure(trees, handlers, hidden, absent)
    except import_closure.Missing as missing:
        raise ToolError(f"{missing}, which is not packed") from None


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
