"""`python -m tools.new_check NAME`: writes a new check's files and lists what is left to do."""

from __future__ import annotations

import argparse
import sys

from tools import ROOT
from tools.command import exit_status
from tools.new_check.places import PLACES
from tools.new_check.scaffold import write


def main() -> int:
    """Write the scaffolding; the list of what is left goes to standard output."""
    parser = argparse.ArgumentParser(prog="make new-check NAME=...", description=__doc__)
    parser.add_argument("name", help="lower-case letters, digits and _")
    name = parser.parse_args().name
    for path in write(name):
        print(f"wrote {path.relative_to(ROOT)}")
    print("\nLeft to do. Each test fails until its place is done:\n")
    for place in PLACES:
        print(f"* {place.path.format(name=name)}: {place.work}")
        print(f"    {place.test.format(name=name)}")
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
