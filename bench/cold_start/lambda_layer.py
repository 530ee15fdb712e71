"""The layer of the functions on AWS, built for this interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools import BUILD, ROOT
from tools.packaging.aws import layer


def search_path() -> Sequence[Path]:
    """What a function imports from: a new build of the layer, and the repository with handlers."""
    return layer.build("local", BUILD / "bench" / "layer") / "python", ROOT
