"""`python -m tools.first_run` (`make try`): one verification, step by step."""

from __future__ import annotations

import os
import sys

from liveproof_client import LiveproofError
from tools.command import exit_status
from tools.demo import samples
from tools.demo.table import Paint
from tools.demo.user_files import UserFiles
from tools.first_run import planning, story
from tools.local import cloud

# It needs no Node.js, and starts in a sixth of the time of the local AWS.
_CLOUD = "tencent"


def _try() -> int:
    name = cloud.choose({"CLOUD": os.environ.get("CLOUD") or _CLOUD})
    files = UserFiles.of(os.environ)
    plan = planning.plan(files, os.environ, samples.new_rng())
    with cloud.run_cloud(name) as local_cloud:
        return story.tell(local_cloud, plan, Paint.for_stream(sys.stdout, os.environ))


if __name__ == "__main__":
    sys.exit(exit_status(_try, LiveproofError))
