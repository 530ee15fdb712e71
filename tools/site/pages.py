"""The pages of the site: every Markdown file for readers, under the name that it has there.

In the repository a link goes to a file. On the site all pages lie in one folder, and a file that is
no page, such as an example's source, is copied.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tools import ROOT

_ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
    "clients/kotlin/README.md": "client-kotlin.md",
    "clients/python/README.md": "client-python.md",
    "clients/typescript/README.md": "client-typescript.md",
    "examples/receivers/README.md": "receiver-examples.md",
    "liveproof_emulator/README.md": "emulator.md",
    "liveproof_emulator/actions.md": "emulator-actions.md",
    "liveproof_emulator/senseid/README.md": "emulator-senseid.md",
    "tests/README.md": "tests.md",
    "tests/mutants.md": "mutants.md",
    "tools/local/tencent/README.md": "local-tencent.md",
}
"""Pages outside docs/: path in the repository to name on the site."""

CONTENTS = "docs/README.md"
"""The contents page, for a repository's browser only: the site has its navigation instead."""

# A link or a picture in Markdown, or an attribute of HTML.
_TARGET = re.compile(r'(\]\(|\b(?:src|srcset|href)=")([^)"\s]+)(?=[)"])')
_FENCE = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)


class LinkToNothing(Exception):
    """A page has a link to a file that does not exist, or to a folder."""


def pages() -> dict[str, str]:
    """Path in the repository to name on the site."""
    docs = {f"docs/{page.name}": page.name for page in sorted((ROOT / "docs").glob("*.md"))}
    del docs[CONTENTS]
    return docs | _ELSEWHERE


def copy_pages(folder: Path) -> None:
    """Writes every page, and the files that pages link to, into an empty folder.

    Raises:
        LinkToNothing: with the page and the link.
    """
    folder.mkdir(parents=True)
    for path, name in pages().items():
        text, files = on_site(path, (ROOT / path).read_text(encoding="utf-8"))
        (folder / name).write_text(text, encoding="utf-8")
        for file in files:
            copy = folder / _copied(file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, copy)


def on_site(path: str, text: str) -> tuple[str, set[str]]:
    """A page's text with the links of the site, and the files that are no pages and that it needs.

    Raises:
        LinkToNothing: with the page and the link.
    """
    files: set[str] = set()

    def target(link: str) -> str:
        if re.match(r"[a-z]+:|#", link):
            return link
        name, mark, fragment = link.partition("#")
        file = (ROOT / path).parent.joinpath(name).resolve()
        if not file.is_file() or not file.is_relative_to(ROOT):
            raise LinkToNothing(f"{path}: {link}")
        target = file.relative_to(ROOT).as_posix()
        if target == CONTENTS:
            return "index.md"
        page = pages().get(target)
        if page is None:
            files.add(target)
            page = _copied(target)
        return f"{page}{mark}{fragment}"

    return _outside_blocks(text, lambda part: _with_targets(part, target)), files


def _copied(file: str) -> str:
    return file.removeprefix("docs/") if file.startswith("docs/") else f"files/{file}"


def _with_targets(text: str, target: Callable[[str], str]) -> str:
    return _TARGET.sub(lambda match: match[1] + target(match[2]), text)


def _outside_blocks(text: str, change: Callable[[str], str]) -> str:
    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else change(part) for part in parts)
