"""The configuration of the platform's process, a file of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.local.tencent.platform.async_queue import RETRY_SECONDS

# Our own: SCF keeps an idle container for minutes, and has room for hundreds.
IDLE_SECONDS = 120.0
MOST_CONTAINERS = 12
CONCURRENCY_MB = 64_000
RESERVED_MB = 25_600


@dataclass(frozen=True)
class Config:
    """One deployment.

    Attributes:
        functions: functions.json.
        values: for its names in braces; the platform itself knows `ssm_endpoint`, `scf_endpoint`.
        emulator: its URL, for keys and for the bucket's events.
        code: each function's unpacked package.
        log: gets every line that a function prints.
        retry_seconds: between two tries of an event; 60 on SCF.
        idle_seconds: how long a container without work is kept.
        most_containers: of one function. Events wait for a free one; SCF has a limit too, but far
            beyond this machine's.
        api_gateway_shape: the URL's events look like the API gateway's (`ApiGwCompatible`).
        concurrency_mb: the region's quota of memory at one moment, as GetAccount says it: SCF's
            default in Singapore. Nothing here is refused for it.
        reserved_mb: of it, what functions have reserved. The sum of the default of
            `reserved_concurrency_mb`.
        timeouts: seconds of functions that shall have less time than functions.json gives them.
    """

    functions: str
    values: Mapping[str, str]
    emulator: str
    code: Mapping[str, str]
    log: str
    retry_seconds: float = RETRY_SECONDS
    idle_seconds: float = IDLE_SECONDS
    most_containers: int = MOST_CONTAINERS
    api_gateway_shape: bool = False
    concurrency_mb: int = CONCURRENCY_MB
    reserved_mb: int = RESERVED_MB
    timeouts: Mapping[str, int] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Into a file that only its owner may read."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Config:
        """From such a file. Raises OSError, or TypeError for an unknown field."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))
