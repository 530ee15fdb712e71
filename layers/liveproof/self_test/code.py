"""Which code and data a function has: so that `liveproof doctor` sees those that were deployed at
another time, or changed by hand, although their version has the same number."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

_PACKAGE = Path(__file__).parents[1]
_CODE_TABLES = _PACKAGE / "data" / "codes"
_SUFFIXES = (".py", ".json")
_DIGITS = 12


class _Dated(Struct, frozen=True):
    date: str


def code_digests() -> dict[str, str]:
    """The first digits of the SHA-256 of each file of code or data, by its path in the package.

    On Tencent Cloud a function has only the files that it needs.
    """
    return {
        path.relative_to(_PACKAGE).as_posix(): _digest(path)
        for path in sorted(_PACKAGE.rglob("*"))
        if path.suffix in _SUFFIXES
    }


def code_table_dates() -> dict[str, str]:
    """Of each vendor's product, the date of its table of codes, which is the table's version."""
    return {
        path.stem: msgspec.json.decode(path.read_bytes(), type=_Dated).date
        for path in sorted(_CODE_TABLES.glob("*.json"))
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
