"""`python -m tools.docs`: writes the generated files; with `--check` compares them."""

from __future__ import annotations

import argparse
import sys

from tools import ROOT
from tools.command import exit_status
from tools.docs.pages import PAGES, stale


def main() -> int:
    """Write the pages, or compare them; 1 if `--check` finds a stale one."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which pages are stale")
    if parser.parse_args().check:
        names = stale()
        print("\n".join(f"{name} is stale: run make docs" for name in names), end="")
        return 1 if names else 0
    # One after the other: a page may read what was written before.
    for name, page in PAGES.items():
        text, path = page(), ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
