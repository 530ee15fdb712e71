"""Locked dependencies as installed trees, for this interpreter or for a function's platform.

A tree is installed once for a lock and a target, and cached in build/dependencies. It is never
written to again.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

from tools import BUILD, ROOT, uv
from tools.processes import ToolError, clean_environment, run

# Change this when the module installs something else for the same lock.
_BUILDER = "4"
_REQUIREMENT = re.compile(r"^(?P<pin>[A-Za-z0-9][^\s;]*)\s*(?:;\s*(?P<marker>.*?))?\s*\\?$")


@dataclass(frozen=True)
class Target:
    """What a tree is for.

    Attributes:
        name: begins the cached folder's name.
        python: the interpreter's version, such as `3.10`; empty for the one that runs now.
        platforms: the wheels' platforms, such as `manylinux2014_x86_64`; empty for this one.
    """

    name: str
    python: str = ""
    platforms: tuple[str, ...] = ()

    @property
    def here(self) -> bool:
        """Whether the interpreter that runs now is meant."""
        return not self.python


def install(lock: Path, target: Target) -> Path:
    """The cached tree of a lock's packages; installs it the first time.

    Of packages it holds what is imported: no tests, no type stubs, no sources of binaries.
    Metadata and licences stay. A tree for this interpreter has its bytecode.

    Raises:
        ToolError: the installer failed; the text shows the end of its log.
    """
    platform = sys.version if target.here else f"{target.python} {target.platforms}"
    key = hashlib.sha256(f"{_BUILDER}\n{platform}\n".encode() + lock.read_bytes()).hexdigest()
    cached = BUILD / "dependencies" / f"{target.name}-{key[:16]}"
    if cached.exists():
        return cached
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent, prefix="new-") as scratch:
        tree = Path(scratch) / "tree"
        _install(lock, tree, target, cached.with_suffix(".log"))
        _prune(tree)
        if target.here:
            compile_here(tree)
        publish(tree, cached)
    return cached


def publish(tree: Path, cached: Path) -> None:
    """Moves a finished tree to its place in a cache, unless another process was faster."""
    try:
        tree.rename(cached)
    except OSError:
        if not cached.exists():
            raise


def compile_here(tree: Path) -> None:
    """Writes this interpreter's bytecode into a tree.

    Raises:
        ToolError: a file does not compile.
    """
    # Zips have no useful modification times, so only hash-based bytecode is ever used again.
    done = compileall.compile_dir(
        tree, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, force=True
    )
    if not done:
        raise ToolError(f"{tree} does not compile")


def compile_for(python: str, tree: Path, deployed: str, log: Path) -> bool:
    """Writes the bytecode of another Python into a tree, if that interpreter is here.

    The bytes are the same on every machine.

    Args:
        deployed: the folder that the tree is at when it runs; tracebacks name it.

    Returns:
        False if there is no such interpreter.

    Raises:
        ToolError: a file does not compile.
    """
    program = interpreter(python)
    if program is None:
        return False
    command: list[str | Path] = [
        program, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash",
        "-s", tree, "-p", deployed, tree,
    ]  # fmt: skip
    # The order of a set among a file's constants follows the hash seed.
    environment = clean_environment({"PYTHONHASHSEED": "0"})
    run(f"compileall ({python})", command, log, environment, ROOT, timeout=300)
    return True


def interpreter(python: str) -> str | None:
    """A CPython of a version such as `3.10`: on PATH, or one of pyenv's; None if there is none."""
    candidates = [shutil.which(f"python{python}")]
    for root in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"):
        if root:
            folders = sorted(Path(root, "versions").glob(f"{python}.*"))
            candidates += [str(folder / "bin" / "python") for folder in folders]
    for candidate in filter(None, candidates):
        done = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        if done.returncode == 0 and done.stdout.strip() == python:
            return candidate
    return None


def lock_for(lock: str, python: str) -> str:
    """A lock's text with what a CPython on Linux needs, its conditions decided.

    pip decides a condition by the interpreter that runs pip, even when told to install for another.
    """
    return "".join(_lines_for(lock, python))


def _lines_for(lock: str, python: str) -> Iterator[str]:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "extra": "",
    }
    is_needed = True
    for line in lock.splitlines(keepends=True):
        pin = _REQUIREMENT.match(line.rstrip("\n"))
        if pin:
            marker = pin.group("marker")
            is_needed = marker is None or Marker(marker).evaluate(environment)
            line = f"{pin.group('pin')} \\\n"
        if is_needed and not line.lstrip().startswith("#"):
            yield line


def _install(lock: Path, into: Path, target: Target, log: Path) -> None:
    options: list[str | Path] = ["--require-hashes", "--no-deps", "--target", into]
    environment = clean_environment()
    if target.here:
        python = Path(sys.executable)
        command = uv.install(python, *options, "-r", lock)
        environment = uv.environment(python, environment)
    else:
        pins = into.with_suffix(".txt")
        pins.write_text(lock_for(lock.read_text(), target.python))
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
        command += ["--no-compile", *options, "-r", pins]
        command += ["--python-version", target.python, "--implementation", "cp"]
        command += ["--only-binary", ":all:"]
        for platform in target.platforms:
            command += ["--platform", platform]
    run(f"installing for {target.name}", command, log, environment, ROOT, timeout=600)


def _prune(tree: Path) -> None:
    """Removes what no function reads; package metadata and licences stay."""
    for folder in [*tree.rglob("__pycache__"), *tree.glob("bin"), *tree.glob("*/tests")]:
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in ("*.pyi", "*.c", "*.h", "*.pyx"):
        for file in tree.rglob(pattern):
            file.unlink()
    # Installer's notes, which differ from one machine to the next.
    for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        for file in tree.glob(f"*.dist-info/{name}"):
            file.unlink()
