"""`python -m tools.docs`: writes the generated pages; with `--check` compares them."""

from __future__ import annotations

import argparse
import sys

from tools.docs.pages import FOLDER, PAGES, stale


def main() -> int:
    """Write the pages, or compare them; 1 if `--check` finds a stale one."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which pages are stale")
    names = stale()
    if parser.parse_args().check:
        print("\n".join(f"docs/{name} is stale: run make docs" for name in names), end="")
        return 1 if names else 0
    for name in names:
        (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
