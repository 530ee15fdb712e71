"""Builds the functions' layer: `python/` with liveproof and its locked dependencies.

Two targets from one lock: `lambda` (arm64, CPython 3.13, wheels only, so any machine can build it)
and `local` (this interpreter, for the local cloud). boto3 is Lambda's own and never packed.
"""

from __future__ import annotations

import compileall
import hashlib
import py_compile
import shutil
import sys
from pathlib import Path
from typing import Literal

from local import BUILD, ROOT
from local.processes import LocalCloudError, clean_environment, run

Target = Literal["lambda", "local"]

_LAMBDA_WHEELS = (
    "--platform", "manylinux2014_aarch64",
    "--platform", "manylinux_2_17_aarch64",
    "--platform", "manylinux_2_28_aarch64",
    "--python-version", "3.13",
    "--implementation", "cp",
    "--only-binary", ":all:",
)  # fmt: skip
# Change it when the builder changes what it makes from the same lock.
_BUILDER = "1"


def folder(target: Target) -> Path:
    """Where the layer of a target is built; `layerPath` of serverless.yml points there."""
    return BUILD / ("aws" if target == "lambda" else "local") / "layer"


def build(target: Target) -> Path:
    """Builds or refreshes the layer of a target and returns its folder.

    Dependencies are installed again only if the lock, the interpreter or the builder changed.

    Raises:
        LocalCloudError: pip failed; the text shows the end of its log.
    """
    layer = folder(target)
    stamp = layer.parent / "layer.key"
    lock = ROOT / "requirements" / "layer.txt"
    interpreter = "lambda" if target == "lambda" else sys.version
    key = hashlib.sha256(
        "\n".join([_BUILDER, interpreter]).encode() + lock.read_bytes()
    ).hexdigest()
    if not stamp.exists() or stamp.read_text() != key or not layer.exists():
        stamp.unlink(missing_ok=True)
        shutil.rmtree(layer, ignore_errors=True)
        _install(lock, layer / "python", target)
        _prune(layer / "python")
        if target == "local":
            _compile(layer / "python")
        stamp.write_text(key)
    _copy_library(layer / "python" / "liveproof")
    if target == "local":
        _compile(layer / "python" / "liveproof")
    return layer


def _install(lock: Path, into: Path, target: Target) -> None:
    command: list[str | Path] = [
        sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile",
        "--require-hashes", "--no-deps", "--target", into, "-r", lock,
    ]  # fmt: skip
    if target == "lambda":
        command += _LAMBDA_WHEELS
    log = BUILD / "local" / "logs" / f"pip-{target}.log"
    run(f"pip install ({target} layer)", command, log, clean_environment(), ROOT, timeout=600)


def _prune(tree: Path) -> None:
    """Removes what no function reads; package metadata and licences stay."""
    for each in [*tree.rglob("__pycache__"), *tree.glob("bin")]:
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


def _copy_library(into: Path) -> None:
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(
        ROOT / "layers" / "liveproof", into, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
