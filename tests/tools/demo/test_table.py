"""The demo's and the benchmarks' tables."""

from __future__ import annotations

import io

import pytest

from tools.demo.table import Paint, render


def test_a_table_lines_up_whatever_the_colours() -> None:
    rows = [["a", "1"], ["bbb", "22"]]
    plain = render(["name", "n"], rows, right=["n"])
    assert plain.splitlines() == ["name   n", "----  --", "a      1", "bbb   22"]
    paint = Paint(True)
    coloured = render(["name", "n"], [[paint("red", "a"), "1"], rows[1]], right=["n"])
    assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="one cell per column"):
        render(["a", "b"], [["1"]])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "NO_COLOR", "pipe"],
)
def test_colours_are_for_terminals_without_no_color(
    stream: io.StringIO, environment: dict[str, str], coloured: bool
) -> None:
    assert Paint.for_stream(stream, environment).enabled is coloured
