"""The SQL adapter on PyMySQL as it is, beside the same on SQLAlchemy Core with PyMySQL.

The cold start decided for the bare driver: SQLAlchemy would more than triple it, and be most of the
package's bytes, for a dozen statements that are written once for both databases anyway.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

from bench.figure import BenchError, Figure
from bench.in_memory import declared
from bench.interpreters import Program, run_interleaved
from bench.sql.sqlalchemy_records import SqlAlchemyRecords
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.verification import Verification
from tools import mariadb
from tools.mariadb import ScratchDatabase

BASELINE = "SQLAlchemy Core with PyMySQL"
_RUNS = 9
_ROUNDS = 300
_OURS = """
STARTED = CLOCK()
from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
SqlRecords(Database("mysql://127.0.0.1/a", lambda: DatabaseLogin("u", "p")), 30)
import pymysql
ENDED = CLOCK()
"""
_THEIRS = """
STARTED = CLOCK()
from bench.sql.sqlalchemy_records import SqlAlchemyRecords
SqlAlchemyRecords("mysql+pymysql://u:p@127.0.0.1/a", {})
ENDED = CLOCK()
"""

Change = Callable[[Verification], Verification]


def measure() -> Iterator[Figure]:
    """Import, package and latency.

    Raises:
        BenchError: a package is not installed, or a side did not save what it should.
    """
    medians = run_interleaved({"ours": Program(_OURS), "theirs": Program(_THEIRS)}, _RUNS)
    yield Figure("sql_driver.import", medians["ours"], "ms", medians["theirs"], BASELINE, 0.5)
    ours, theirs = _bytes("PyMySQL"), _bytes("PyMySQL", "SQLAlchemy", "typing_extensions")
    yield Figure("sql_driver.package", ours, "bytes", theirs, BASELINE, 0.1)
    with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch, ExitStack() as stack:
        folder = Path(scratch)
        file = folder / "records.sqlite"
        yield _latency(
            "sqlite", ScratchDatabase(f"sqlite:///{file}", None), f"sqlite:///{file}", {}
        )
        missing = mariadb.why_not()
        if missing:
            print(f"not measured: sql_driver.load_save_mariadb: {missing}", file=sys.stderr)
            return
        server = stack.enter_context(mariadb.server(folder))
        place = stack.enter_context(server.new_database())
        name = place.url.rsplit("/", 1)[1].partition("?")[0]
        user = quote(server.login.user)
        # Both without TLS: it would be the same on both sides.
        place = ScratchDatabase(server.url(name, query="?tls=off"), server.login)
        url = f"mysql+pymysql://{user}:x@{server.host}:{server.port}/{name}?charset=utf8mb4"
        options: dict[str, object] = {
            "password": server.login.password.encode(),
            "ssl_disabled": True,
        }
        yield _latency("mariadb", place, url, options)


def _bytes(*packages: str) -> int:
    """What the packages' files hold, without bytecode."""
    total = 0
    for package in packages:
        try:
            files = metadata.files(package)
        except metadata.PackageNotFoundError:
            raise BenchError(f"{package} is not installed") from None
        if not files:
            raise BenchError(f"{package} does not list its files")
        total += sum(file.size or 0 for file in files if file.suffix != ".pyc")
    return total


def _latency(kind: str, place: ScratchDatabase, url: str, options: dict[str, object]) -> Figure:
    """A load and a save, in turns, on a record of each side's own."""
    with closing(place.open()) as database, closing(SqlAlchemyRecords(url, options)) as core:
        adapter = SqlRecords(database, record_days=30)
        sides: dict[str, Change] = {
            "ours": lambda record: adapter.save(_load(adapter, record)),
            "theirs": lambda record: core.save(_load(core, record)),
        }
        stored = {name: adapter.save(declared("0" * 32, 1)[0]) for name in sides}
        taken: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(_ROUNDS):
            for name, change in sides.items():
                started = time.perf_counter()
                stored[name] = change(stored[name])
                taken[name].append((time.perf_counter() - started) * 1000)
        for name, record in stored.items():
            if adapter.load(record.id) != record or record.version != _ROUNDS + 1:
                raise BenchError(f"{name} did not save {_ROUNDS} changes on {kind}")
    ours, theirs = (statistics.median(times) for times in taken.values())
    return Figure(f"sql_driver.load_save_{kind}", ours, "ms", theirs, BASELINE, 0.8)


def _load(records: SqlRecords | SqlAlchemyRecords, verification: Verification) -> Verification:
    loaded = records.load(verification.id)
    if loaded is None:
        raise BenchError(f"{verification.id} is not there")
    return loaded
