"""The rows of the attack suite that security.md names are rows of the suite."""

from __future__ import annotations

import re

import pytest

from tests.attack.registry import SIDES
from tests.attack.rows import Side
from tests.docs.pages import text_of

_QUOTED = re.compile(rf"`((?:{'|'.join(side.name for side in SIDES)}): [^`]+)`")
ROWS = {
    f"{side.name}: {row.name}"
    for side in SIDES
    for cloud in side.clouds()
    for row in side.rows(cloud)
}
NAMED = sorted(set(_QUOTED.findall(text_of("security.md"))))


@pytest.mark.parametrize("name", NAMED)
def test_a_row_that_the_page_names_is_in_the_suite(name: str) -> None:
    assert name in ROWS


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.name)
def test_the_page_names_rows_of_every_side(side: Side) -> None:
    assert any(row.startswith(f"{side.name}: ") for row in NAMED)
