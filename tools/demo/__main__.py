"""`python -m tools.demo` (`make demo`): real files through every check on a local cloud."""

from __future__ import annotations

import os
import sys

from tools.command import exit_status
from tools.demo import runner, scenarios
from tools.demo.user_files import OwnFiles
from tools.local import cloud


def _demo() -> int:
    name = cloud.chosen(os.environ)
    own = OwnFiles.of(os.environ)
    own.require_use()
    played = scenarios.every(runner.nonce(), own)
    with cloud.running(name) as running:
        return runner.run(running, played, own.notes())


if __name__ == "__main__":
    sys.exit(exit_status(_demo))
