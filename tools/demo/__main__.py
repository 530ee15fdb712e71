"""`python -m tools.demo` (`make demo`): real files through every check on a local cloud."""

from __future__ import annotations

import os
import sys

from liveproof_client import LiveproofError
from tools.command import exit_status
from tools.demo import demo, samples, scenarios
from tools.demo.user_files import UserFiles
from tools.local import cloud


def _demo() -> int:
    name = cloud.choose(os.environ)
    user_files = UserFiles.of(os.environ)
    user_files.require_use()
    planned = scenarios.all_scenarios(samples.new_rng(), user_files)
    with cloud.run_cloud(name) as local_cloud:
        return demo.run(local_cloud, planned, user_files.notes())


if __name__ == "__main__":
    sys.exit(exit_status(_demo, LiveproofError))
