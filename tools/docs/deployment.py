"""The generated tables inside docs/deploy-aws.md and docs/deploy-tencent.md.

Such a table stands between two marks; the rest of these pages is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tools import ROOT
from tools.docs import concurrency, costs, regions

_TABLE = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end of the table -->\n)", re.DOTALL)


def with_tables(text: str, table: Callable[[str], str]) -> str:
    """A page's text, with the tables between its marks written anew by their names."""
    return _TABLE.sub(lambda mark: f"{mark[1]}{table(mark[2])}\n{mark[3]}", text)


def page(cloud: str) -> str:
    """docs/deploy-CLOUD.md as it is, with the tables between its marks written anew."""
    text = (ROOT / "docs" / f"deploy-{cloud}.md").read_text(encoding="utf-8")
    return with_tables(text, lambda name: _table(cloud, name))


def _table(cloud: str, name: str) -> str:
    """Raises ValueError for a mark that names no table."""
    if name == "regions":
        return regions.table(cloud)
    if name == "concurrency":
        return concurrency.table()
    subject, _, period = name.partition(" ")
    if subject != "costs":
        raise ValueError(f"there is no table with the name {name}")
    return costs.table(cloud, period)
