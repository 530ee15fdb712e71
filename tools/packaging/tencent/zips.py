"""Builds what SCF runs: one zip per function, with liveproof and what the function imports.

SCF's Python 3.10 has nothing installed, so a zip holds everything; and it is small, since a cold
start unpacks it. What is in it follows from import statements (`import_closure`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools import BUILD, ROOT
from tools.packaging import wheels
from tools.packaging.tencent import elf, import_closure
from tools.packaging.tencent.zip_writer import zip_folder
from tools.processes import ToolError

PYTHON = "3.10"
OUTPUT = BUILD / "tencent"
MANIFEST = "packages.json"
# Bytes of a zip: our own limit, a tenth of what SCF takes in a request (50 MB of base64: its API
# definition of 2026-08), because a cold start unpacks it.
MAX_ZIP_BYTES = 5_000_000
# Where SCF unpacks the code.
_DEPLOYED = "/var/user"
_SCF = wheels.Target("scf", PYTHON, ("manylinux2014_x86_64", "manylinux_2_17_x86_64"))
_HERE = wheels.Target("scf-local")

# SenseID's encryption, for the check `silent`; nobody else encrypts.
_ENCRYPTING = frozenset({"run_check"})
# Optional modules: imported only by code that the functions do not use, or only if present.
_ABSENT = frozenset(
    {
        # Other clouds' and other editions' packages, never installed.
        "boto3", "botocore", "aws_xray_sdk", "annotationlib", "attrs", "backports", "bcrypt",
        "brotli", "brotlicffi", "chardet", "compression", "h2", "js", "pydantic", "pydantic_core",
        "pyodide", "simplejson", "socks", "OpenSSL", "tomli", "tomli_w", "tomllib", "yaml",
        # Python 2's names.
        "ConfigParser", "urlparse",
        # Powertools' HTTP framework and event classes, which its tracing middleware can wrap.
        "aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.data_classes",
        # urllib3 in a browser, over HTTP/2, with other TLS libraries and through SOCKS.
        "urllib3.contrib.emscripten", "urllib3.contrib.pyopenssl", "urllib3.contrib.socks",
        "urllib3.http2.connection",
        # International host names: no setting has one.
        "idna.uts46data",
        # PyMySQL's encrypted password without TLS, which liveproof refuses.
        "cryptography.hazmat.backends", "cryptography.hazmat.primitives.asymmetric",
        "cryptography.hazmat.primitives.serialization", "nacl",
    }
)  # fmt: skip
# Modules that are imported without a statement: by a computed name, or by a binary.
_HIDDEN = {
    "liveproof.runtime": (
        "liveproof.clouds.tencent.runtime",
        "liveproof.clouds.tencent.http",
        "liveproof.clouds.tencent.events",
    ),
    "requests.packages": ("idna", "urllib3", "charset_normalizer"),
    "cryptography.hazmat.bindings._rust": ("_cffi_backend",),
}
_DATA = {"liveproof": "data/**/*.json", "certifi": "cacert.pem"}
# Where a distribution is not called what is imported.
_DISTRIBUTIONS = {"tencentcloud": "tencentcloud_sdk_python_common", "_cffi_backend": "cffi"}


def functions() -> list[str]:
    """The functions that are deployed to SCF."""
    data = json.loads((ROOT / "infra" / "tencent" / "functions.json").read_text())
    return list(data["functions"])


def package(into: Path = OUTPUT) -> Path:
    """Writes a zip per function and packages.json (function to `zip`, `bytes`, `sha256`).

    A zip's name holds a hash of its bytes: Terraform uploads a file whose name it does not know.

    Raises:
        ToolError: a wheel or binary does not run on SCF, an import leads nowhere, or a zip
            is larger than `MAX_ZIP_BYTES`.
    """
    dependencies = wheels.install(ROOT / "requirements" / "scf.txt", _SCF)
    _require_old_glibc(dependencies)
    into.mkdir(parents=True, exist_ok=True)
    built: dict[str, dict[str, object]] = {}
    for function in functions():
        with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
            tree = _select(function, dependencies, Path(scratch) / function)
            # Bytecode saves a cold start the compiling, if there is room for it.
            wheels.compile_for(PYTHON, tree, _DEPLOYED, Path(scratch) / "compile.log")
            archive = zip_folder(tree)
            if len(archive) > MAX_ZIP_BYTES:
                for folder in list(tree.rglob("__pycache__")):
                    shutil.rmtree(folder)
                archive = zip_folder(tree)
        if len(archive) > MAX_ZIP_BYTES:
            raise ToolError(
                f"{function}: {len(archive)} bytes; SCF should get {MAX_ZIP_BYTES} at most"
            )
        digest = hashlib.sha256(archive).hexdigest()
        name = f"{function}-{digest[:16]}.zip"
        (into / name).write_bytes(archive)
        built[function] = {"zip": name, "bytes": len(archive), "sha256": digest}
        print(f"{len(archive):>9,} {name}", file=sys.stderr)
    (into / MANIFEST).write_text(json.dumps(built, indent=2) + "\n")
    for old in into.glob("*.zip"):
        if old.name not in {entry["zip"] for entry in built.values()}:
            old.unlink()
    return into


def unpack(function: str, into: Path) -> Path:
    """Writes the content of a function's zip, for this interpreter, into a new folder; returns it.

    Raises:
        ToolError: pip failed, or an import leads nowhere.
    """
    lock = ROOT / "requirements" / "scf.txt"
    return _select(function, wheels.install(lock, _HERE), into)


def _select(function: str, dependencies: Path, into: Path) -> Path:
    absent = _ABSENT if function in _ENCRYPTING else _ABSENT | {"cryptography", "_cffi_backend"}
    with tempfile.TemporaryDirectory(prefix="liveproof-", dir=BUILD) as scratch:
        whole = Path(scratch) / "whole"
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(dependencies, whole, copy_function=os.link, ignore=ignored)
        shutil.copytree(ROOT / "layers" / "liveproof", whole / "liveproof", ignore=ignored)
        shutil.copyfile(ROOT / "functions" / function / "handler.py", whole / "handler.py")
        try:
            modules = import_closure.closure(whole, ["handler"], _HIDDEN, absent)
        except import_closure.Missing as missing:
            raise ToolError(f"{function}: {missing}, which is not packed") from None
        tops = sorted({file.relative_to(whole).parts[0].partition(".")[0] for file in modules})
        for file in [*modules, *_data(whole, tops)]:
            _copy(file, into / file.relative_to(whole))
        for folder in _metadata(whole, tops):
            _copy_metadata(folder, into / folder.name)
    return into


def _data(whole: Path, tops: Iterable[str]) -> Iterator[Path]:
    for top in tops:
        if top in _DATA:
            yield from sorted((whole / top).glob(_DATA[top]))


def _metadata(whole: Path, tops: Iterable[str]) -> Iterator[Path]:
    for top in tops:
        yield from whole.glob(f"{_DISTRIBUTIONS.get(top, top)}-*.dist-info")


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


def _require_old_glibc(tree: Path) -> None:
    for wheel in sorted(tree.glob("*.dist-info/WHEEL")):
        lines = wheel.read_text(encoding="utf-8").splitlines()
        tags = [line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")]
        if not elf.fits(tags):
            raise ToolError(f"{wheel.parent.name} is for {', '.join(tags)}")
    for binary in sorted(tree.rglob("*.so*")):
        needed = elf.needed_glibc(binary)
        if needed > elf.NEWEST_GLIBC:
            raise ToolError(f"{binary.name} needs glibc {needed[0]}.{needed[1]}")
