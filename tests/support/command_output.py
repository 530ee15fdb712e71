"""Standard output and standard error of the commands of tests/: tables there, progress here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO


def own_output() -> TextIO:
    """Standard output for the tables alone: what liveproof logs in this process goes nowhere."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return own


def show_progress(text: str) -> None:
    """What is being run: on a terminal in one line, else nothing."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text[: os.get_terminal_size(2).columns - 1]}")
        sys.stderr.flush()


def table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    """A table as text, its columns as wide as their longest entry."""
    columns = range(len(head))
    widths = [max(len(line[column]) for line in (head, *lines)) for column in columns]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, tuple("-" * width for width in widths), *lines)
    )
