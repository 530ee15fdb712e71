"""`python -m tools.first_run.picture`: runs `make try`, and writes docs/try.svg from its words."""

from __future__ import annotations

import contextlib
import io
import re
import sys

from rich.console import Console
from rich.text import Text

from liveproof_client import LiveproofError
from tools import ROOT
from tools.command import exit_status
from tools.demo import samples
from tools.demo.table import Paint
from tools.demo.user_files import UserFiles
from tools.first_run import planning, story
from tools.local import cloud

PICTURE = ROOT / "docs" / "try.svg"
_WIDTH = 104
_COMMAND = "$ make try"
# rich names web fonts; a page must not ask another host for anything.
_WEB_FONT = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def picture(output: str) -> str:
    """An SVG of a terminal with the command and what it said, without the commands by hand.

    Paths below the repository are relative in it: nobody asks where it lay.

    Args:
        told: standard output of `make try`, with its colours.
    """
    steps, _, rest = output.replace(f"{ROOT}/", "").partition("\n\x1b[1mBy hand")
    last = rest.rstrip().rpartition("\n")[2]
    console = Console(
        record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard"
    )
    for line in f"{_COMMAND}\n{steps}\n{last}".splitlines():
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis")
    svg = console.export_svg(title="make try", unique_id="try")
    return _COMMENT.sub("", _WEB_FONT.sub("", svg)) + "\n"


def _write() -> int:
    output = io.StringIO()
    plan = planning.plan(UserFiles(), {}, samples.new_rng())
    with cloud.run_cloud("tencent") as local_cloud, contextlib.redirect_stdout(output):
        status = story.tell(local_cloud, plan, Paint(enabled=True))
    PICTURE.write_text(picture(output.getvalue()), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(exit_status(_write, LiveproofError))
