"""A table for a terminal or a pipe, and the colours for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TextIO

_CODES = {"green": "32", "red": "31", "dim": "2", "bold": "1"}
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Paint:
    """Colours text, or leaves it alone."""

    def __init__(self, enabled: bool) -> None:
        """`enabled`: whether colours are wanted."""
        self.enabled = enabled

    @classmethod
    def for_stream(cls, stream: TextIO, environment: Mapping[str, str]) -> Paint:
        """Colours on a terminal, unless NO_COLOR is set to anything (no-color.org)."""
        return cls(stream.isatty() and not environment.get("NO_COLOR"))

    def __call__(self, colour: str, text: str) -> str:
        """The text in `colour`: green, red, dim or bold."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.enabled else text


def render(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> str:
    """A table as lines of text; the columns named in `right` are flush right.

    Cells may hold colours; they take no room.
    """
    lines = [list(columns), *map(list, rows)]
    if any(len(line) != len(columns) for line in lines):
        raise ValueError("every row needs one cell per column")
    widths = [max(_width(line[at]) for line in lines) for at in range(len(columns))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            _pad(cell, width, column in right)
            for cell, width, column in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(cell: str) -> int:
    return len(_ESCAPE.sub("", cell))


def _pad(cell: str, width: int, right: bool) -> str:
    gap = " " * (width - _width(cell))
    return gap + cell if right else cell + gap
