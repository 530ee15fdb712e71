"""`python -m liveproof_cli`, which is `.venv/bin/liveproof`."""

from __future__ import annotations

import sys


def _main() -> int:
    try:
        # Imports take a moment, in which somebody may press Ctrl-C.
        from liveproof_cli.program import INTERRUPTED, main
    except KeyboardInterrupt:
        return 130
    try:
        return main()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(_main())
