"""Every relative link leads to a file, and to a heading where it names one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ALL, OURS, ROOT, anchors, links, without_blocks
from tools.docs.pages import PAGES


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_resolve(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not fragment or fragment in anchors(target), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in links(page)
            if not link.startswith("http") and not link.startswith("#")
        ]
    assert set(ALL) <= reached


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.name)
def test_pages_have_one_title_and_lines_that_can_be_read_as_text(page: Path) -> None:
    lines = without_blocks(page).splitlines()
    assert sum(line.startswith("# ") for line in lines) == 1
    # A line of a generated page can hold a long sentence of the code.
    longest = 300 if str(page.relative_to(ROOT)) in PAGES else 100
    prose = [line for line in lines if not line.startswith("|")]
    assert [line for line in prose if len(line) > longest] == []


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`([\w.-]+/[\w./-]+\.(?:py|json|tf|yml|md))`", page.read_text("utf-8"))
    folders = (ROOT, ROOT / "layers" / "liveproof", page.parent)
    made = ("build/", "put-")
    assert [
        name
        for name in named
        if not name.startswith(made)
        and not re.search(r"[A-Z]{4}", name)
        and not any((folder / name).exists() for folder in folders)
    ] == []
