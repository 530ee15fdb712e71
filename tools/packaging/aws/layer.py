"""Builds the functions' layer: `python/` with what all of them can import (`selection`).

Two targets from one lock: `lambda` (arm64, CPython 3.13, wheels only, so any machine can build it)
and `local` (this interpreter, for the local cloud).
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Literal

from tools import BUILD, ROOT
from tools.packaging import selection, wheels

Target = Literal["lambda", "local"]

LAMBDA_PYTHON = "3.13"
_LAMBDA_PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64")
_HANDLER = re.compile(r"^ +handler: functions/(\w+)/handler\.handler$", re.MULTILINE)
_TARGETS = {
    "lambda": wheels.Target("lambda", LAMBDA_PYTHON, _LAMBDA_PLATFORMS),
    "local": wheels.Target("lambda-local"),
}


def functions() -> list[str]:
    """The functions that are deployed to Lambda, in alphabetical order."""
    template = (ROOT / "serverless.yml").read_text(encoding="utf-8")
    return sorted(_HANDLER.findall(template))


def folder(target: Target) -> Path:
    """The folder into which `build` puts the layer of a target by default."""
    return BUILD / ("aws" if target == "lambda" else "local") / "layer"


def build(target: Target, into: Path | None = None) -> Path:
    """Builds the layer of a target and returns its folder, which holds `python/`.

    Dependencies are installed once for a lock and an interpreter, and cached in build/dependencies.

    Args:
        target: for AWS Lambda, or for this interpreter.
        into: the folder; replaced if it exists. `folder(target)` if left out.

    Raises:
        ToolError: pip failed (the text shows the end of its log), or an import leads nowhere.
    """
    layer = into or folder(target)
    shutil.rmtree(layer, ignore_errors=True)
    dependencies = wheels.install(ROOT / "requirements" / "layer.txt", _TARGETS[target])
    selection.select("aws", functions(), dependencies, layer / "python")
    if target == "local":
        wheels.compile_here(layer / "python")
    else:
        log = layer.with_suffix(".compile.log")
        wheels.compile_for(LAMBDA_PYTHON, layer / "python", "/opt/python", log)
    return layer
