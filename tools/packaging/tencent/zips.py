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
from tools.packaging.tencent.zip_writer import zipped
from tools.processes import LocalCloudError

PYTHON = "3.10"
TARGET = BUILD / "tencent"
LIST = "packages.json"
# Bytes of a zip: our own limit, a tenth of what SCF takes in a request (50 MB of base64: its API
# definition of 2026-08), because a cold start unpacks it.
LARGEST = 5_000_000
# Where SCF unpacks the code.
_DEPLOYED = "/var/user"
_SCF = wheels.Target("scf", PYTHON, ("manylinux2014_x86_64", "manylinux_2_17_x86_64"))
_HERE = wheels.Target("scf-local")

# SenseID's encryption, for the check `silent`; nobody else encrypts.
_ENCRYPTING = frozenset({"run_check"})
# Modules that are asked for only where they are used, or only if they are there: these functions
# do without.
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
_DATA = {"liveproof": "data/*.json", "certifi": "cacert.pem"}
# Where a distribution is not called what is imported.
_DISTRIBUTIONS = {"tencentcloud": "tencentcloud_sdk_python_common", "_cffi_backend": "cffi"}


def functions() -> list[str]:
    """The functions that are deployed to SCF."""
    data = json.loads((ROOT / "infra" / "tencent" / "functions.json").read_text())
    return list(data["functions"])


def package(into: Path = TARGET) -> Path:
    """Writes a zip per function and packages.json (function to `zip`, `bytes`, `sha256`).

    A zip's name holds a hash of its bytes: Terraform uploads a file whose name it does not know.

    Raises:
        LocalCloudError: a wheel or binary does not run on SCF, an import leads nowhere, or a zip
            is larger than `LARGEST`.
    """
    dependencies = wheels.installed(ROOT / "requirements" / "scf.txt", _SCF)
    _require_old_glibc(dependencies)
    into.mkdir(parents=True, exist_ok=True)
    built: dict[str, dict[str, object]] = {}
    for function in functions():
        with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
            tree = _select(function, dependencies, Path(scratch) / function)
            plain = zipped(tree)
            log = Path(scratch) / "compile.log"
            # Its bytecode saves a cold start's compiling, if there is room for it.
            if wheels.compile_for(PYTHON, tree, _DEPLOYED, log):
                plain = min(
                    (plain, zipped(tree)), key=lambda each: (len(each) > LARGEST, -len(each))
                )
        if len(plain) > LARGEST:
            raise LocalCloudError(
                f"{function}: {len(plain)} bytes; SCF should get {LARGEST} at most"
            )
        digest = hashlib.sha256(plain).hexdigest()
        name = f"{function}-{digest[:16]}.zip"
        (into / name).write_bytes(plain)
        built[function] = {"zip": name, "bytes": len(plain), "sha256": digest}
        print(f"{len(plain):>9,} {name}", file=sys.stderr)
    (into / LIST).write_text(json.dumps(built, indent=2) + "\n")
    for old in into.glob("*.zip"):
        if old.name not in {each["zip"] for each in built.values()}:
            old.unlink()
    return into


def unpacked(function: str, into: Path) -> Path:
    """What a function's zip holds, for this interpreter, in a new folder; returns the folder.

    Raises:
        LocalCloudError: pip failed, or an import leads nowhere.
    """
    lock = ROOT / "requirements" / "scf.txt"
    return _select(function, wheels.installed(lock, _HERE), into)


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
            raise LocalCloudError(f"{function}: {missing}, which is not packed") from None
        tops = sorted({each.relative_to(whole).parts[0].partition(".")[0] for each in modules})
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
    for file in sorted(each for each in source.rglob("*") if each.is_file()):
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
            raise LocalCloudError(f"{wheel.parent.name} is for {', '.join(tags)}")
    for binary in sorted(tree.rglob("*.so*")):
        needed = elf.needed_glibc(binary)
        if needed > elf.NEWEST_GLIBC:
            raise LocalCloudError(f"{binary.name} needs glibc {needed[0]}.{needed[1]}")
