"""Builds the functions' layer: `python/` with liveproof and its locked dependencies.

Two targets from one lock: `lambda` (arm64, CPython 3.13, wheels only, so any machine can build it)
and `local` (this interpreter, for the local cloud). boto3 is Lambda's own and never packed.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from local import BUILD, ROOT
from local.processes import LocalCloudError, clean_environment, run

Target = Literal["lambda", "local"]

LAMBDA_PYTHON = "3.13"
_LAMBDA_WHEELS = (
    "--platform", "manylinux2014_aarch64",
    "--platform", "manylinux_2_17_aarch64",
    "--platform", "manylinux_2_28_aarch64",
    "--python-version", LAMBDA_PYTHON,
    "--implementation", "cp",
    "--only-binary", ":all:",
)  # fmt: skip
# Change it when the builder changes what it makes from the same lock.
_BUILDER = "2"


def folder(target: Target) -> Path:
    """Where `build` puts the layer of a target unless told otherwise."""
    return BUILD / ("aws" if target == "lambda" else "local") / "layer"


def build(target: Target, into: Path | None = None) -> Path:
    """Builds the layer of a target and returns its folder, which holds `python/`.

    Dependencies are installed once for a lock and an interpreter, and kept in build/dependencies.

    Args:
        target: for AWS Lambda, or for this interpreter.
        into: the folder; replaced if it exists. `folder(target)` if left out.

    Raises:
        LocalCloudError: pip failed; the text shows the end of its log.
    """
    layer = into or folder(target)
    shutil.rmtree(layer, ignore_errors=True)
    # Hard links: the dependencies are never written to.
    shutil.copytree(_dependencies(target), layer / "python", copy_function=os.link)
    library = layer / "python" / "liveproof"
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "layers" / "liveproof", library, ignore=ignored)
    if target == "local":
        _compile(library)
    else:
        _compile_for_lambda(layer / "python")
    return layer


def lambda_interpreter() -> str | None:
    """A CPython of Lambda's version: on PATH, or one of pyenv's; None if there is none."""
    found = [shutil.which(f"python{LAMBDA_PYTHON}")]
    for root in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"):
        if root:
            folders = sorted(Path(root, "versions").glob(f"{LAMBDA_PYTHON}.*"))
            found += [str(folder / "bin" / "python") for folder in folders]
    for candidate in filter(None, found):
        asked = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        if asked.returncode == 0 and asked.stdout.strip() == LAMBDA_PYTHON:
            return candidate
    return None


def _compile_for_lambda(tree: Path) -> None:
    """Bytecode of Lambda's Python, if that interpreter is here; the same bytes on every machine."""
    interpreter = lambda_interpreter()
    if interpreter is None:
        return
    command: list[str | Path] = [
        interpreter, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash",
        "-s", tree, "-p", "/opt/python", tree,
    ]  # fmt: skip
    log = tree.parent.with_suffix(".compile.log")
    run("compileall (lambda layer)", command, log, clean_environment(), ROOT, timeout=300)


def _dependencies(target: Target) -> Path:
    lock = ROOT / "requirements" / "layer.txt"
    interpreter = "lambda" if target == "lambda" else sys.version
    key = hashlib.sha256(f"{_BUILDER}\n{interpreter}\n".encode() + lock.read_bytes()).hexdigest()
    kept = BUILD / "dependencies" / f"{target}-{key[:16]}"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="new-") as scratch:
        made = Path(scratch) / "python"
        _install(lock, made, target, kept.with_suffix(".log"))
        _prune(made)
        if target == "local":
            _compile(made)
        try:
            made.rename(kept)
        except OSError:
            if not kept.exists():
                raise  # else another process made the same at the same time
    return kept


def _install(lock: Path, into: Path, target: Target, log: Path) -> None:
    command: list[str | Path] = [
        sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile",
        "--require-hashes", "--no-deps", "--target", into, "-r", lock,
    ]  # fmt: skip
    if target == "lambda":
        command += _LAMBDA_WHEELS
    run(f"pip install ({target} layer)", command, log, clean_environment(), ROOT, timeout=600)


def _prune(tree: Path) -> None:
    """Removes what no function reads; package metadata and licences stay."""
    for each in [*tree.rglob("__pycache__"), *tree.glob("bin"), *tree.glob("*/tests")]:
        shutil.rmtree(each, ignore_errors=True)
    for pattern in ("*.pyi", "*.c", "*.h", "*.pyx"):
        for each in tree.rglob(pattern):
            each.unlink()
    # Installer's notes, which differ from one machine to the next.
    for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        for each in tree.glob(f"*.dist-info/{name}"):
            each.unlink()


def _compile(tree: Path) -> None:
    # Zips have no useful modification times, so only hash-based bytecode is ever used again.
    done = compileall.compile_dir(
        tree, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, force=True
    )
    if not done:
        raise LocalCloudError(f"{tree} does not compile")
