"""Terraform's files, parsed. The parser takes a second for a long one, and every start of a tool
reads the same ones, so a parsed file is kept in build/hcl/ under the digest of its text."""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import suppress
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from tools import BUILD

_KEPT = BUILD / "hcl"


def load(path: Path) -> dict[str, Any]:
    """The blocks of a file of the repository by their type. Nobody may change them.

    Raises:
        LarkError: it is not HCL.
    """
    return _load(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def parse(text: str) -> dict[str, Any]:
    """The blocks of a text, as `load` has them. It may hold secrets and is kept nowhere."""
    import hcl2

    document: dict[str, Any] = hcl2.loads(text)
    return document


@lru_cache(maxsize=64)
def _load(text: str) -> dict[str, Any]:
    made_of = f"{metadata.version('python-hcl2')}\n{text}"
    kept = _KEPT / f"{hashlib.sha256(made_of.encode()).hexdigest()}.json"
    with suppress(FileNotFoundError):
        cached: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return cached
    document = parse(text)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False, encoding="utf-8") as new:
        json.dump(document, new)
    Path(new.name).replace(kept)
    return document
