"""The functions' code for this interpreter: what their zips hold, unpacked, with bytecode."""

from __future__ import annotations

import contextlib
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
from tools.processes import ToolError

_CACHE = BUILD / "local" / "tencent"
_MAX_STATES = 4
_SOURCES = (
    "layers/liveproof",
    "functions",
    "tools/packaging/wheels.py",
    "tools/packaging/tencent/zips.py",
    "tools/packaging/import_closure.py",
    "tools/packaging/elf.py",
    "tools/packaging/authorities.py",
    "tools/packaging/selection.py",
    "tools/local/tencent/unpacked.py",
)
# These files never change, so their bytecode needs no check at import.
_UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
_LOCK = ROOT / "requirements" / "scf.txt"


def unpack(into: Path) -> dict[str, Path]:
    """A folder for each function, by its name, in a new folder.

    Folders made from the same sources before are linked, not made again.

    Raises:
        ToolError: pip failed, an import leads out of the package, or a file does not compile.
    """
    cached = _CACHE / _state()
    if not cached.exists():
        _make(cached)
    os.utime(cached)
    shutil.copytree(cached, into, copy_function=os.link)
    _delete_old()
    return {name: into / name for name in zips.functions()}


def _state() -> str:
    """A name for everything that the packages are made of."""
    digest = hashlib.sha256(sys.version.encode())
    files = [_LOCK, ROOT / "infra" / "tencent" / "functions.json"]
    for name in _SOURCES:
        source = ROOT / name
        files += sorted(source.rglob("*")) if source.is_dir() else [source]
    for file in files:
        # Another process may be writing bytecode: its file is renamed while this one looks.
        if "__pycache__" not in file.parts and file.is_file():
            digest.update(f"\n{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _make(cached: Path) -> None:
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent, prefix="new-") as scratch:
        folders = Path(scratch) / "functions"
        # `zips.unpack` installs the same tree, but copies no bytecode.
        compiled = [wheels.install(_LOCK, wheels.Target("scf-local"))]
        for name in zips.functions():
            tree = zips.unpack(name, folders / name)
            _compile(tree, compiled)
            compiled.append(tree)
        wheels.publish(folders, cached)


def _compile(tree: Path, compiled: Iterable[Path]) -> None:
    """Writes bytecode, or links that of the same file in another tree."""
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
                raise ToolError(f"{name} does not compile: {error.msg}") from None


def _delete_old() -> None:
    """Runs have links of their own, so they keep their files."""
    states = []
    for folder in _CACHE.iterdir():
        if not folder.name.startswith("new-"):
            # Another process may delete the same.
            with contextlib.suppress(FileNotFoundError):
                states.append((folder.stat().st_mtime, folder))
    for _, old in sorted(states)[:-_MAX_STATES]:
        shutil.rmtree(old, ignore_errors=True)
