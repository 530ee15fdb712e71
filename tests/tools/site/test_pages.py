"""The pages of the site: each is in the navigation, and its links lead to what the site has."""

from __future__ import annotations

from collections import Counter

import pytest

from tools import ROOT
from tools.site import navigation, pages

ENTRIES = [entry.page for entries in navigation.sections().values() for entry in entries]


def test_every_page_is_in_the_navigation_once_and_every_entry_is_a_page() -> None:
    assert Counter(ENTRIES) == Counter(pages.pages().values())


def test_every_page_of_the_docs_folder_is_a_page_of_the_site() -> None:
    docs = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert docs - set(pages.pages()) == {pages.CONTENTS}


@pytest.mark.parametrize(
    ("path", "link", "on_site"),
    [
        ("docs/security.md", "[a](../SECURITY.md)", "[a](security-policy.md)"),
        ("README.md", "[a](docs/costs.md#aws)", "[a](costs.md#aws)"),
        ("README.md", "[a](docs/README.md)", "[a](index.md)"),
        ("docs/costs.md", "[a](#aws)", "[a](#aws)"),
        ("docs/costs.md", "[a](https://example.com/b.md)", "[a](https://example.com/b.md)"),
        ("docs/concepts.md", "![a](path.svg)", "![a](path.svg)"),
        ("README.md", '<img src="docs/path.svg" alt="a">', '<img src="path.svg" alt="a">'),
        ("docs/design.md", "[a](../LICENSE)", "[a](files/LICENSE)"),
        ("docs/costs.md", "```sh\n[a](nothing.md)\n```", "```sh\n[a](nothing.md)\n```"),
    ],
)
def test_a_link_leads_to_the_same_thing_on_the_site(path: str, link: str, on_site: str) -> None:
    assert pages.on_site(path, link)[0] == on_site


def test_a_file_that_is_no_page_is_copied() -> None:
    assert pages.on_site("README.md", "[a](LICENSE) [b](docs/costs.md)")[1] == {"LICENSE"}


@pytest.mark.parametrize("link", ["nothing.md", "../docs", "/etc/hostname", "../../x.md"])
def test_a_link_to_nothing_a_folder_or_another_place_is_refused(link: str) -> None:
    with pytest.raises(pages.LinkToNothing, match=r"docs/costs\.md: "):
        pages.on_site("docs/costs.md", f"[a]({link})")
