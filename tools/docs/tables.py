"""The generated tables inside pages that are otherwise written by hand.

Such a table stands between two marks. The first mark has its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tools import ROOT
from tools.docs import concurrency, costs, phone_files, regions

_TABLE = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end of the table -->\n)", re.DOTALL)


def with_tables(text: str, table: Callable[[str], str]) -> str:
    """A page's text, with the tables between its marks written anew by their names."""
    return _TABLE.sub(lambda mark: f"{mark[1]}{table(mark[2])}\n{mark[3]}", text)


def page(name: str) -> str:
    """A page of docs/ as it is, with the tables between its marks written anew."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return with_tables(text, _table)


def _table(name: str) -> str:
    """Raises ValueError for a mark that names no table."""
    match name.split():
        case ["regions", cloud]:
            return regions.table(cloud)
        case ["concurrency"]:
            return concurrency.table()
        case ["costs", cloud, period]:
            return costs.table(cloud, period)
        case ["files", which]:
            return phone_files.table(which)
    raise ValueError(f"there is no table with the name {name}")
