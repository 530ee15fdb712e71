"""What commands print on a terminal, however narrow."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from liveproof.ports import Records
from tests.support.verifications import numbered

ROOT = Path(__file__).parents[2]
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(columns: int, *words: str) -> str:
    """What the command prints on a terminal of so many columns, without its styles."""
    own, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    shell = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with subprocess.Popen(
        [sys.executable, "-m", "liveproof_cli", *words],
        env={**shell, "TERM": "xterm", "PYTHONPATH": f"{ROOT}/layers:{ROOT}"},
        stdin=terminal, stdout=terminal, stderr=terminal,
    ) as running:  # fmt: skip
        os.close(terminal)
        printed = b""
        try:
            while part := os.read(own, 4096):
                printed += part
        except OSError:
            pass  # the terminal's end, on Linux
        os.close(own)
    assert running.returncode == 0, printed
    return _STYLE.sub("", printed.decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [20, 40, 80, 100])
def test_a_list_that_does_not_fit_has_a_block_of_lines_for_each_verification(
    records: Records, named: Path, columns: int
) -> None:
    """At 80 columns its words were broken into pieces of three letters, at 40 there were none."""
    for number in (1, 2):
        records.save(numbered(number, client="shop", reference=f"order-{number}"))
    printed = on_a_terminal(columns, "list")
    for number, block in zip((2, 1), printed.strip().split("\n\n"), strict=True):
        fields = dict(line.split(maxsplit=1) for line in unfolded(block, columns))
        assert fields["id"] == f"ver_{number:026d}"
        assert (fields["state"], fields["client"]) == ("awaiting_upload", "shop")
        assert fields["reference"] == f"order-{number}"


def unfolded(block: str, columns: int) -> list[str]:
    """The lines of a block, those put together that a narrow terminal made two of."""
    lines: list[str] = []
    for line in block.splitlines():
        assert len(line) <= columns
        if line.startswith(" "):
            lines[-1] += line.strip()
        else:
            lines.append(line.strip())
    return [line for line in lines if " " in line]


def test_a_list_that_fits_is_a_table(records: Records, named: Path) -> None:
    records.save(numbered(1, client="shop"))
    head, _, row = on_a_terminal(160, "list").splitlines()
    assert head.split()[:3] == ["id", "state", "decision"]
    assert row.split()[:2] == [f"ver_{1:026d}", "awaiting_upload"]
