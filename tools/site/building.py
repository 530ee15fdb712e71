"""Building the site: the pages, then Zensical, then the check."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tools import ROOT
from tools.site import checking, pages
from tools.site.navigation import CONFIGURATION

PAGES = Path("build/pages")
"""The folder with the Markdown, as mkdocs.yml names it."""

SITE = Path("build/site")
"""The folder with the site, as mkdocs.yml names it."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class NotBuilt(Exception):
    """The site has faults; each has a line."""


def build(program: Path) -> None:
    """Writes build/site anew, with the Zensical of this Python.

    Raises:
        NotBuilt: with every warning and fault.
    """
    for folder in (PAGES, SITE):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
    try:
        pages.copy_pages(ROOT / PAGES)
    except pages.LinkToNothing as fault:
        raise NotBuilt(f"a link leads to nothing: {fault}") from None
    done = subprocess.run(
        [program, "-m", "zensical", "build", "--clean", "--strict", "-f", CONFIGURATION],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotBuilt(_COLOURS.sub("", done.stdout + done.stderr).strip())
    if faults := checking.faults(ROOT / SITE):
        raise NotBuilt("\n".join(faults))
