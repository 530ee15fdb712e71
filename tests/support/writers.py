"""Processes that change the same verifications at the same time, and a look at what is left.

Each change adds a mark that no other change adds, and the version that it made. So afterwards every
mark must be there, and a record of version V must hold marks of the versions 2 to V, each once.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict, Records
from tools import ROOT
from tools.mariadb import ScratchDatabase

_SECONDS = 300
_RECORD_RETENTION_DAYS = 30


@dataclass(frozen=True)
class Dynamo:
    """A DynamoDB table; `environment` has the endpoint and the key."""

    region: str
    table: str
    environment: Mapping[str, str]


Store = ScratchDatabase | Dynamo


@dataclass(frozen=True)
class Written:
    """What the writers did: changes, refused ones, and the seconds for all of it."""

    changes: int
    conflicts: int
    seconds: float


def records_of(store: Store) -> Records:
    """An adapter of the store, with connections of its own."""
    if isinstance(store, ScratchDatabase):
        return SqlRecords(store.open(), _RECORD_RETENTION_DAYS)
    return DynamoRecords(Clients(store.region), store.table, _RECORD_RETENTION_DAYS)


def write(store: Store, ids: Sequence[str], processes: int, changes: int) -> Written:
    """Let several processes make a number of changes each, on random verifications."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "layers", ROOT)))}
    if isinstance(store, Dynamo):
        environment |= store.environment
    running = [_start(store, ids, number, changes, environment) for number in range(processes)]
    try:
        for process in running:
            assert _line(process) == "ready\n", f"writer ended with {process.wait(10)}"
        started = time.monotonic()
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        results = [json.loads(_line(process)) for process in running]
        seconds = time.monotonic() - started
        for process in running:
            assert process.wait(30) == 0
    finally:
        for process in running:
            process.kill()
            process.communicate()
    return Written(
        sum(result["changes"] for result in results),
        sum(result["conflicts"] for result in results),
        seconds,
    )


def faults(left: Sequence[Verification], processes: int, changes: int) -> list[str]:
    """What is wrong with the verifications that the writers left; empty: nothing."""
    messages = []
    marks = [mark for verification in left for mark in verification.metadata]
    expected = [_mark(number, change) for number in range(processes) for change in range(changes)]
    lost = sorted(set(expected) - set(marks))
    if lost:
        messages.append(f"lost: {lost[:5]} and so on, {len(lost)} in all")
    if len(marks) != len(set(marks)) or set(marks) - set(expected):
        messages.append("marks that nobody made, or in two records")
    for entry in left:
        made = sorted(int(version) for version in entry.metadata.values())
        if made != list(range(2, entry.version + 1)):
            messages.append(
                f"{entry.id}: version {entry.version} with the changes {made[:5]} and so on"
            )
    return messages


def _mark(writer: int, change: int) -> str:
    return f"w{writer}-{change}"


def _start(
    store: Store, ids: Sequence[str], number: int, changes: int, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.writers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(environment),
    )
    job: dict[str, Any] = {"ids": list(ids), "number": number, "changes": changes}
    if isinstance(store, ScratchDatabase):
        login = None if store.login is None else msgspec.to_builtins(store.login)
        job["place"] = {"url": store.url, "login": login}
    else:
        job["dynamo"] = asdict(store)
    assert process.stdin is not None
    process.stdin.write(json.dumps(job) + "\n")
    process.stdin.flush()
    return process


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _store(job: dict[str, Any]) -> Store:
    if "dynamo" in job:
        return Dynamo(**job["dynamo"])
    login = job["place"]["login"]
    return ScratchDatabase(job["place"]["url"], None if login is None else DatabaseLogin(**login))


def _change(records: Records, verification_id: str, mark: str) -> int:
    """Add the mark; how many conflicts came before."""
    conflicts = 0
    while True:
        loaded = records.load(verification_id)
        assert loaded is not None
        marked = {**loaded.metadata, mark: str(loaded.version + 1)}
        try:
            records.save(replace(loaded, metadata=marked))
        except Conflict:
            conflicts += 1
        else:
            return conflicts


def main() -> None:
    """A writer: reads what to do, says `ready`, waits for `go`, says how it went."""
    job = json.loads(sys.stdin.readline())
    records = records_of(_store(job))
    chance = random.Random(job["number"])
    records.load(job["ids"][0])
    _say("ready")
    sys.stdin.readline()
    limit = time.monotonic() + _SECONDS
    conflicts = 0
    for change in range(job["changes"]):
        if time.monotonic() > limit:
            sys.exit(f"only {change} changes in {_SECONDS} s")
        conflicts += _change(records, chance.choice(job["ids"]), _mark(job["number"], change))
    _say(json.dumps({"changes": job["changes"], "conflicts": conflicts}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
