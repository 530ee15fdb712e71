"""Terraform's files, parsed. The parser takes half a second for a long one, and the same files are
read many times, so a text is parsed once in a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import hcl2


def load(path: Path) -> dict[str, Any]:
    """The blocks of a file by their type. Nobody may change them.

    Raises:
        LarkError: it is not HCL.
    """
    return parse(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def parse(text: str) -> dict[str, Any]:
    """The blocks of a text, as `load` has them."""
    document: dict[str, Any] = hcl2.loads(text)
    return document
