"""The documentation as data: pages, fenced blocks, links and the anchors that links may name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
ALL = (
    *OURS,
    *(
        ROOT / name
        for name in ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md")
    ),
    ROOT / "liveproof_emulator" / "README.md",
    ROOT / "tests" / "README.md",
    *(ROOT / "clients" / name / "README.md" for name in ("kotlin", "python", "typescript")),
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
# A blank line, a row of a table, or a bullet begins another paragraph.
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\||\s*(?:[*-]|\d+\.) )")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its language and its text."""

    page: str
    language: str
    text: str


def text_of(name: str) -> str:
    """A page of docs/, or README.md."""
    return _path(name).read_text(encoding="utf-8")


def _path(name: str) -> Path:
    return ROOT / name if name == "README.md" else ROOT / "docs" / name


def states(name: str, *words: str) -> bool:
    """Whether one paragraph or row of a page has all these numbers and names.

    In whatever sentence, and wherever a line ends: a sentence may be rewritten, a fact may not.
    """
    page = without_blocks(_path(name))
    paragraphs = [" ".join(text.split()) for text in _PARAGRAPH.split(page)]
    patterns = [re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)") for word in words]
    return any(all(pattern.search(text) for pattern in patterns) for text in paragraphs)


def blocks(language: str, page: str | None = None) -> list[Block]:
    """Every block of a language, in order; of one page only if it is named."""
    return [
        Block(path.name, block_language, text)
        for path in OURS
        if page in (None, path.name)
        for block_language, text in _FENCE.findall(path.read_text(encoding="utf-8"))
        if block_language == language
    ]


def without_blocks(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def links(path: Path) -> list[str]:
    """The targets of a page's links."""
    return _LINK.findall(without_blocks(path))


def anchors(path: Path) -> set[str]:
    """The fragments that renderers make of a page's headings."""
    fragments = set()
    for heading in _HEADING.findall(without_blocks(path)):
        kept = "".join(
            character for character in heading.lower() if character.isalnum() or character in " -_"
        )
        fragments.add(kept.strip().replace(" ", "-"))
    return fragments
