"""The functions' code for this interpreter: what their zips hold, unpacked, with bytecode."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import py_compile
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tools import BUILD, ROOT
from tools.packaging import wheels
from tools.packaging.tencent import zips
from tools.processes import LocalCloudError

_KEPT = BUILD / "local" / "tencent"
_KEPT_STATES = 4
_SOURCES = (
    "layers/liveproof",
    "functions",
    "tools/packaging/wheels.py",
    "tools/packaging/tencent/zips.py",
    "tools/packaging/tencent/import_closure.py",
    "tools/packaging/tencent/elf.py",
    "tools/local/tencent/unpacked.py",
)
# Nobody writes to these files, so nobody need compare them.
_UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
_LOCK = ROOT / "requirements" / "scf.txt"


def unpack(into: Path) -> dict[str, Path]:
    """A folder for each function, by its name, in a new folder.

    What was made of the same sources before is linked, not made again.

    Raises:
        LocalCloudError: pip failed, an import leads out of the package, or a file does not compile.
    """
    kept = _KEPT / _state()
    if not kept.exists():
        _make(kept)
    os.utime(kept)
    shutil.copytree(kept, into, copy_function=os.link)
    _forget_old()
    return {name: into / name for name in zips.functions()}


def _state() -> str:
    """A name for everything that the packages are made of."""
    digest = hashlib.sha256(sys.version.encode())
    files = [_LOCK, ROOT / "infra" / "tencent" / "functions.json"]
    for name in _SOURCES:
        place = ROOT / name
        files += sorted(place.rglob("*")) if place.is_dir() else [place]
    for file in files:
        if file.is_file() and file.suffix != ".pyc":
            digest.update(f"\n{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _make(kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="new-") as scratch:
        made = Path(scratch) / "functions"
        # Installed by `package.unpacked` as well, which copies no bytecode.
        compiled = [wheels.installed(_LOCK, wheels.Target("scf-local"))]
        for name in zips.functions():
            tree = zips.unpacked(name, made / name)
            _compile(tree, compiled)
            compiled.append(tree)
        try:
            made.rename(kept)
        except OSError:
            if not kept.exists():
                raise  # else another process made the same at the same time


def _compile(tree: Path, compiled: Iterable[Path]) -> None:
    """Writes bytecode, or links that of trees that have the same file."""
    for source in tree.rglob("*.py"):
        name = source.relative_to(tree)
        target = Path(importlib.util.cache_from_source(str(source)))
        target.parent.mkdir(exist_ok=True)
        for other in compiled:
            bytecode = Path(importlib.util.cache_from_source(str(other / name)))
            if bytecode.exists() and (other / name).read_bytes() == source.read_bytes():
                os.link(bytecode, target)
                break
        else:
            try:
                py_compile.compile(str(source), doraise=True, invalidation_mode=_UNCHECKED)
            except py_compile.PyCompileError as error:
                raise LocalCloudError(f"{name} does not compile: {error.msg}") from None


def _forget_old() -> None:
    """Runs have links of their own, so what is forgotten here harms none."""
    states = sorted(
        (each for each in _KEPT.iterdir() if not each.name.startswith("new-")),
        key=lambda each: each.stat().st_mtime,
    )
    for old in states[:-_KEPT_STATES]:
        shutil.rmtree(old, ignore_errors=True)
