"""The whole site is built once, from the lock, and has no fault."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support import environments
from tools import ROOT
from tools.site import building, navigation

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="NOT RUN: Zensical needs Python 3.11"
)


@pytest.fixture(scope="module")
def site() -> Path:
    building.build(environments.venv("site"))
    return ROOT / building.SITE


def test_the_site_has_every_page_and_can_be_searched(site: Path) -> None:
    entries = [entry.page for part in navigation.sections().values() for entry in part]
    assert {page.name for page in site.glob("*.html")} == {
        "404.html", *(name.replace(".md", ".html") for name in entries)
    }  # fmt: skip
    locations = {
        item["location"] for item in json.loads((site / "search.json").read_text())["items"]
    }
    assert {"concepts.html", "costs.html#aws"} <= locations


def test_the_pictures_of_the_concepts_are_on_the_site(site: Path) -> None:
    page = (site / "concepts.html").read_text(encoding="utf-8")
    for name in ("path.svg", "boundaries.svg"):
        assert f'src="{name}"' in page
        assert (site / name).read_bytes() == (ROOT / "docs" / name).read_bytes()
