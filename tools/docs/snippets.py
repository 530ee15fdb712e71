"""Whole files of the repository inside pages: tests run the files, and the pages show them.

A file stands between two marks. The first mark has its path.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tools import ROOT

_FILE = re.compile(r"(<!-- file: (\S+) -->\n).*?(<!-- end of the file -->\n)", re.DOTALL)
_LANGUAGES = {
    ".java": "java",
    ".js": "js",
    ".kt": "kotlin",
    ".mjs": "js",
    ".py": "python",
    ".sh": "sh",
    ".ts": "ts",
}


def with_files(text: str) -> str:
    """A page's text, with the files between its marks written anew.

    Raises KeyError for a file of a language without a name here, OSError for one that is missing.
    """
    return _FILE.sub(lambda mark: f"{mark[1]}{_block(mark[2])}{mark[3]}", text)


def page(name: str) -> str:
    """A page of docs/ as it is, with the files between its marks written anew."""
    return with_files((ROOT / "docs" / name).read_text(encoding="utf-8"))


def _block(path: str) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    return f"```{_LANGUAGES[PurePosixPath(path).suffix]}\n{text}```\n"
