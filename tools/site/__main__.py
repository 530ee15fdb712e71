"""`python -m tools.site PROGRAM`: builds the site into build/site, without a network.

PROGRAM is the Python that has Zensical (requirements/site.txt). Warnings are errors.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.command import exit_status
from tools.site.building import SITE, NotBuilt, build


def main() -> int:
    """Build and check; 1 with the faults if there are some."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("program", type=Path, help="the Python that has Zensical")
    try:
        build(parser.parse_args().program)
    except NotBuilt as fault:
        print(fault, file=sys.stderr)
        return 1
    print(f"built {SITE}; to read it: python3 -m http.server --directory {SITE} --bind 127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
