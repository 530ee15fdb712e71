"""What a command prints: JSON lines, or a table for people.

Text of clients and vendors may hold anything, also what a terminal would obey: it is escaped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_NO_TERMINAL = 10_000
"""How wide a table in a pipe or file may be: nothing of a line is left out or broken."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def print_json(entries: Iterable[Mapping[str, Any]]) -> None:
    """Prints an object a line, each as soon as it is there."""
    for entry in entries:
        print(_escaped(json.dumps(entry, ensure_ascii=False), _json_escape), flush=True)


def print_text(text: str) -> None:
    """Prints one line for people."""
    print(printable(text))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints rows under their columns' names, as wide as the terminal. The first never breaks.

    Where the terminal is so narrow that words would break, each row has a line for each column.
    """
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(Text(column), no_wrap=number == 0, overflow="fold")
    cells = [tuple(map(printable, row)) for row in rows]
    for row in cells:
        table.add_row(*map(Text, row))
    console = _console()
    if Measurement.get(console, console.options.update(width=_NO_TERMINAL), table).minimum > (
        console.width
    ):
        for number, row in enumerate(cells):
            if number:
                print()
            print_fields((name, cell or None) for name, cell in zip(columns, row, strict=True))
        return
    _print(table)


def print_fields(fields: Iterable[tuple[str, str | None]]) -> None:
    """Prints names and values in two columns, without those that are None."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in fields:
        if value is not None:
            grid.add_row(Text(name), Text(printable(value)))
    _print(grid)


def printable(text: str) -> str:
    """The text with an escape in the place of every character that is not printed."""
    return _escaped(text, ascii)


def _json_escape(character: str) -> str:
    """As JSON writes it, which is the same text to whoever reads the JSON."""
    return json.dumps(character)


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    return "".join(
        character if character.isprintable() else escape(character)[1:-1] for character in text
    )


def duration(milliseconds: int) -> str:
    """A duration for people, such as 340 ms, 12.5 s, 3 min 20 s, 5 h 12 min or 3 d 4 h."""
    if milliseconds < 0:
        return f"-{duration(-milliseconds)}"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds = milliseconds // 1000
    if seconds < _MINUTE:
        return f"{milliseconds / 1000:.1f} s"
    for unit, name, part, part_name in (
        (_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min"), (_MINUTE, "min", 1, "s"),
    ):  # fmt: skip
        if seconds >= unit:
            return f"{seconds // unit} {name} {seconds % unit // part} {part_name}"
    raise AssertionError("less than a minute was above")


def _console() -> Console:
    width = None if sys.stdout.isatty() else _NO_TERMINAL
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def _print(renderable: Table) -> None:
    console = _console()
    with console.capture() as capture:
        console.print(renderable)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()), flush=True)
