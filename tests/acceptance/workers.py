"""The processes that run functions in the local cloud, found as Linux shows them."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def workers_of(ancestor: int, function: str | None = None) -> list[int]:
    """The living function workers under a process; of one function, or of all."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            name = _function_of(entry, ancestor)
            if name is not None and function in (None, name.rpartition("-")[2]):
                found.append(int(entry.name))
    return found


def kill(pid: int) -> None:
    """SIGKILL: no handler, no clean-up, as when the platform takes a machine away."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _function_of(process: Path, ancestor: int) -> str | None:
    try:
        environment = (process / "environ").read_bytes().split(b"\0")
        state = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if state[0] == "Z" or int(state[1]) != ancestor:
        return None
    prefix = b"AWS_LAMBDA_FUNCTION_NAME="
    names = [line.removeprefix(prefix) for line in environment if line.startswith(prefix)]
    return names[0].decode() if names else None
