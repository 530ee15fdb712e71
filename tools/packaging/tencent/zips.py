"""Builds what SCF runs: one zip per function, with liveproof and what the function imports.

SCF's Python 3.10 has nothing installed, so a zip holds everything; and it is small, since a cold
start unpacks it (`selection`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tools import BUILD, ROOT
from tools.packaging import elf, selection, wheels
from tools.packaging.tencent.zip_writer import zip_folder
from tools.processes import ToolError

PYTHON = "3.10"
OUTPUT = BUILD / "tencent"
MANIFEST = "packages.json"
# Bytes of a zip: our own limit, a seventh of what SCF takes in a request (50 MB of base64: its API
# definition of 2026-08), because a cold start unpacks it. It leaves room for the bytecode of
# run_check, which would else be compiled at each cold start.
MAX_ZIP_BYTES = 6_000_000
# Where SCF unpacks the code.
_DEPLOYED = "/var/user"
_SCF = wheels.Target("scf", PYTHON, ("manylinux2014_x86_64", "manylinux_2_17_x86_64"))
_HERE = wheels.Target("scf-local")


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
    """What the function needs, and its handler as SCF looks for it."""
    selection.select("tencent", [function], dependencies, into)
    shutil.copyfile(ROOT / "functions" / function / "handler.py", into / "handler.py")
    return into


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
