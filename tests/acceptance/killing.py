"""Killing the processes that run functions, as a platform may at any moment."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tools.local.cloud import LocalCloud
from tools.processes import wait_until


def kill(pid: int) -> None:
    """No handler, no clean-up, as when the platform takes a machine away."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_all(cloud: LocalCloud) -> None:
    """Kill every worker, and wait until the platform can see it: what comes next starts cold."""
    killed = set(cloud.deployment.workers())
    for pid in killed:
        kill(pid)
    deadline = time.monotonic() + 10
    while killed & set(cloud.deployment.workers()):
        assert wait_until(deadline), "a killed worker is still there"


@contextmanager
def killing(
    cloud: LocalCloud, pick: random.Random, pause: tuple[float, float]
) -> Iterator[list[int]]:
    """Kill a random worker again and again until the block ends; the ones killed.

    Args:
        pause: seconds from one to the next, at least and at most.
    """
    killed, ended = list[int](), threading.Event()

    def run() -> None:
        while not ended.wait(pick.uniform(*pause)):
            workers = cloud.deployment.workers()
            if workers:
                killed.append(pick.choice(workers))
                kill(killed[-1])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()
