"""Ten thousand webhooks for real: due at once, sent over HTTP, while workers are killed.

The records and the endpoints' rows are in a file, as on the local Tencent Cloud. Worker processes
run `deliver_result`, and what is due is listed about once a second, as `sweep` lists it. Five of
the fifty endpoints never answer. Every few seconds a worker is killed, wherever it is.

The figures on virtual time are in `deliveries.py`; these are the same rules with real sockets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from msgspec.structs import replace

from bench.delivery.delivery_ports import decided_verifications
from bench.figure import BenchError, Figure
from liveproof.clock import now_ms
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.webhooks.message import message_id_of
from tools import ROOT, http_client

ENDPOINTS, HANGING = 50, 5
_WORKERS = 3
_KILL_EVERY_SECONDS = 8.0
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.5
_LISTED = 600
_AGAIN_SECONDS = 10.0
"""A verification that was handed to a worker is not handed out again for so long."""


def measure() -> Iterator[Figure]:
    """The variable BACKLOG says how many deliveries, 10,000 by default.

    Raises:
        BenchError: a delivery was lost, or not all arrived in ten minutes.
    """
    count = int(os.environ.get("BACKLOG", "10000"))
    with TemporaryDirectory() as name, _process("backlog_receiver") as receiver:
        yield _run(Path(name) / "records.sqlite", count, _first_line(receiver))


def _run(file: Path, count: int, url: str) -> Figure:
    database = f"sqlite:///{file}"
    with closing(Database(database, None)) as opened:
        records = SqlRecords(opened, 365)
        awaited = _fill(records, count)
        began, killed, seen = time.monotonic(), 0, Counter[str]()
        handed: dict[str, float] = {}
        workers = [_Worker(database, url) for _ in range(_WORKERS)]
        next_kill = began + _KILL_EVERY_SECONDS
        try:
            while awaited - seen.keys():
                now = time.monotonic()
                if now - began > _PATIENCE_SECONDS:
                    raise BenchError(f"{len(awaited - seen.keys())} webhooks did not arrive")
                if now > next_kill:
                    next_kill = now + _KILL_EVERY_SECONDS
                    number = killed % _WORKERS
                    workers[number].kill()
                    workers[number] = _Worker(database, url)
                    killed += 1
                due = [verification.id for verification in records.due(now_ms(), _LISTED)]
                fresh = [
                    id for id in due if now - handed.get(id, -_AGAIN_SECONDS) >= _AGAIN_SECONDS
                ]
                for turn, id in enumerate(fresh):
                    handed[id] = now
                    workers[turn % _WORKERS].hand(id)
                time.sleep(_LOOK_SECONDS)
                seen = Counter(json.loads(http_client.request("GET", f"{url}/seen").body))
            seconds = time.monotonic() - began
        finally:
            for worker in workers:
                worker.kill()
    unknown = seen.keys() - awaited
    if unknown:
        raise BenchError(f"webhooks that nobody awaits: {len(unknown)}")
    return Figure(
        "backlog.arrived",
        seen.total(),
        "webhooks",
        len(awaited),
        f"deliveries to the {ENDPOINTS - HANGING} endpoints that answer",
        extra={
            "deliveries": count,
            "lost": len(awaited - seen.keys()),
            "duplicates": seen.total() - len(seen),
            "workers_killed": killed,
            "seconds": seconds,
        },
    )


def _fill(records: SqlRecords, count: int) -> set[str]:
    """Store decisions whose webhooks are due; the message ids of those whose endpoint answers."""
    awaited = set()
    for number, verification in enumerate(decided_verifications(count)):
        endpoint = number % ENDPOINTS
        stored = records.save(replace(verification, client=f"client-{endpoint}", version=0))
        if endpoint >= HANGING:
            awaited.add(message_id_of(stored))
    return awaited


class _Worker:
    """A process that delivers the webhooks it receives, several at a time."""

    def __init__(self, database: str, url: str) -> None:
        command = [sys.executable, "-m", "bench.delivery.backlog_worker", database, url]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )

    def hand(self, verification_id: str) -> None:
        """Raises BenchError: it has ended by itself."""
        line = f"{verification_id}\n"
        try:
            print(line, end="", file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise BenchError("a worker has ended by itself") from None

    def kill(self) -> None:
        """SIGKILL, wherever its threads are. What it had is due again after its lease."""
        self._process.kill()
        self._process.wait()


@contextmanager
def _process(module: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"bench.delivery.{module}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.terminate()


def _first_line(process: subprocess.Popen[bytes]) -> str:
    output: IO[bytes] | None = process.stdout
    return str(json.loads(output.readline() if output else b"{}")["url"])
