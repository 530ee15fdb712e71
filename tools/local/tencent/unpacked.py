"""The functions' code for this interpreter: what their zips hold, unpacked, with bytecode."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import py_compile
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools import BUILD, ROOT
from tools.packaging import wheels
from tools.packaging.tencent import zips
from tools.processes import ToolError

_CACHE = BUILD / "local" / "tencent"
_MAX_STATES = 4
_NEW = "new-"
_UNUSED = fcntl.LOCK_EX | fcntl.LOCK_NB
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


@contextmanager
def code() -> Iterator[dict[str, Path]]:
    """A folder for each function, by its name. Nobody may write to them: others use them, too.

    They are made once for the same sources, and are not deleted while they are in use.

    Raises:
        ToolError: pip failed, an import leads out of the package, or a file does not compile.
    """
    cached = _CACHE / _state()
    descriptor = _lock_made(cached)
    try:
        os.utime(cached)
        _delete_old()
        yield {name: cached / name for name in zips.functions()}
    finally:
        os.close(descriptor)


def _lock_made(cached: Path) -> int:
    """Make the folders if they are not there, and lock them. The lock ends with its descriptor."""
    while True:
        if not cached.exists():
            _make(cached)
        with suppress(FileNotFoundError):
            descriptor = _lock(cached, fcntl.LOCK_SH)
            if _is_at(descriptor, cached):
                return descriptor
            os.close(descriptor)  # another process deleted them just before


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _lock(folder: Path, how: int) -> int:
    """Lock a folder. Raises FileNotFoundError, and BlockingIOError where `how` does not wait."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


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
    with tempfile.TemporaryDirectory(dir=cached.parent, prefix=_NEW) as scratch:
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
    """All but the states that were used last, and those that are in use."""
    states = []
    for folder in _CACHE.iterdir():
        if not folder.name.startswith(_NEW):
            # Another process may delete the same.
            with suppress(FileNotFoundError):
                states.append((folder.stat().st_mtime, folder))
    for _, old in sorted(states)[:-_MAX_STATES]:
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = _lock(old, _UNUSED)
            shutil.rmtree(old, ignore_errors=True)
            os.close(descriptor)
