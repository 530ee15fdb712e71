"""A function whose code or configuration changes: its running invocations end first.

MiniStack kills the workers of such a function at once, in the middle of what they do: their
messages become dead letters. On AWS an invocation that has begun ends as it would have.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

# MiniStack leases a worker, and locks it a moment later for the whole invocation.
_LEASED_SECONDS = 0.1

Kill: TypeAlias = Callable[[list[Any]], None]


def kill_when_idle(kill: Kill, workers: Iterable[Any]) -> None:
    """Kills idle workers at once and the others, in the background, once their invocation ends.

    Args:
        kill: MiniStack's own way to end processes and wait for them.
        workers: MiniStack's; no longer in its pool, so that no new invocation gets one.
    """
    idle: list[Any] = []
    for worker in workers:
        if worker is None or not worker.in_use:
            idle.append(worker)
        else:
            threading.Thread(target=_retire, args=(kill, worker), daemon=True).start()
    kill(idle)


def play(runtime: Any) -> None:
    """Let MiniStack's module that keeps workers end them so."""
    kill: Kill = runtime.kill_workers
    runtime.kill_workers = lambda workers: kill_when_idle(kill, workers)


def _retire(kill: Kill, worker: Any) -> None:
    time.sleep(_LEASED_SECONDS)
    with worker._lock:
        kill([worker])
