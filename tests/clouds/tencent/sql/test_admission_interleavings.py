"""Functions that enter, work, are killed and leave, in random orders of their statements."""

from __future__ import annotations

import random
from contextlib import ExitStack, closing, suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.clouds.tencent.sql.admission import Limit, SqlAdmission
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.states import Status
from liveproof.ports import Conflict
from tests.support.interleaved import Function, pause, statement_by_statement
from tests.support.thorough import WHOLE
from tests.support.verifications import NOW, numbered

SEEDS = range(1_000 if WHOLE else 30)
PERMITS, FUNCTIONS, VERIFICATIONS = 2, 6, 14
LEASE = 40_000
GRACE, FIRST_BACKOFF, LONGEST_BACKOFF = 10_000, 15_000, 960_000


class Play:
    """A deployment's `run_check` and `sweep`, reduced to what concerns the queue."""

    def __init__(self, url: str, seed: int) -> None:
        random.seed(seed)  # the adapter's own choices
        self.chance = random.Random(seed)
        self.now = NOW
        self.databases = [Database(url, None) for _ in range(FUNCTIONS)]
        self.looking = Database(url, None)
        self.running: dict[int, Function] = {}
        self.messages: list[str] = []
        self.working: dict[object, int] = {}
        self.killed = 0
        self.starts = count()
        records = SqlRecords(self.looking, 30)
        self.ids = [
            records.save(
                numbered(number, client=self.chance.choice("ab"), status=Status.READY, due_at=NOW)
            ).id
            for number in range(VERIFICATIONS)
        ]
        self.messages += self.ids

    def close(self) -> None:
        for function in self.running.values():
            function.kill()
        for database in [*self.databases, self.looking]:
            database.close()

    def start(self) -> None:
        """A message, or the sweep, on one of the idle connections."""
        idle = sorted(set(range(FUNCTIONS)) - self.running.keys())
        if not idle:
            return
        number = self.chance.choice(idle)
        if self.messages:
            message = self.messages.pop(self.chance.randrange(len(self.messages)))
            self.running[number] = Function(lambda: self._run_check(number, message))
        else:
            self.running[number] = Function(lambda: self._sweep(number))

    def step(self) -> None:
        number = self.chance.choice([*self.running])
        self.running[number].step()
        self._look(number)

    def kill(self) -> None:
        number = self.chance.choice([*self.running])
        self.running[number].kill()
        self.killed += 1
        self._look(number)

    def come_to_rest(self) -> None:
        """Nothing is killed any more; a sweep every 20 seconds."""
        for _ in range(5_000):
            if self.messages:
                self.start()
            if self.running:
                self.step()
            elif self.undecided() or self.rows():
                self.now += 20_000
                self.start()
            else:
                return
        raise AssertionError("never came to rest")

    def _look(self, number: int) -> None:
        if self.running[number].has_ended:
            del self.running[number]
        assert sum(until > self.now for until in self.working.values()) <= PERMITS

    def _adapters(self, number: int) -> tuple[SqlRecords, SqlAdmission]:
        database = self.databases[number]
        limits = {"reflect": Limit(PERMITS, 5.0)}
        return SqlRecords(database, 30), SqlAdmission(database, limits)

    def _run_check(self, number: int, message: str) -> None:
        records, admission = self._adapters(number)
        loaded = records.load(message)
        assert loaded is not None
        if not loaded.is_due(self.now):
            return
        until = self.now + LEASE + next(self.starts)  # no two functions start at one moment
        if admission.enter(loaded, self.now, until):
            run = object()
            self.working[run] = until
            with suppress(Conflict):
                leased = records.save(replace(loaded, status=Status.CHECKING, due_at=until))
                for _ in range(self.chance.randrange(4)):
                    pause()
                records.save(replace(leased, status=Status.DECIDED, due_at=None))
            del self.working[run]
            admission.leave(loaded, until)
        for waiting in admission.call_next("reflect", self.now):
            if self.chance.random() < 0.9:
                self.messages.append(waiting.id)

    def _sweep(self, number: int) -> None:
        records, admission = self._adapters(number)
        self.messages += [waiting.id for waiting in admission.call_next("reflect", self.now)]
        for due in list(records.due(self.now - GRACE, 100)):
            if records.back_off(due, self.now, FIRST_BACKOFF, LONGEST_BACKOFF):
                self.messages.append(due.id)

    def undecided(self) -> list[str]:
        rows = self.looking.query("SELECT id FROM verifications WHERE status != 'decided'")
        return [row[0] for row in rows]

    def rows(self) -> int:
        return int(self.looking.query("SELECT COUNT(*) FROM admission")[0][0])


@pytest.mark.parametrize("seed", SEEDS)
def test_never_more_than_permits_and_in_the_end_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with closing(Play(f"sqlite:///{tmp_path / 'play.sqlite'}", seed)) as play:
        with statement_by_statement(monkeypatch):
            for _ in range(400):
                act = play.chance.random()
                if act < 0.12 or not play.running:
                    play.start()
                elif act < 0.16:
                    play.kill()
                elif act < 0.18:
                    play.now += play.chance.choice([50, 1_000, 16_000, 45_000])
                else:
                    play.step()
            play.come_to_rest()
        assert play.killed > 0


@pytest.mark.parametrize("seed", range(8))
def test_functions_that_call_at_once_call_the_first_of_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """No free permit is left unused, and nobody is overtaken."""
    random.seed(seed)
    chance = random.Random(seed)
    limits = {"reflect": Limit(permits=3, per_second=5.0)}
    called: list[str] = []
    with ExitStack() as opened:

        def connect() -> Database:
            url = f"sqlite:///{tmp_path / 'queue.sqlite'}"
            return opened.enter_context(closing(Database(url, None)))

        def call(admission: SqlAdmission) -> None:
            called.extend(waiting.id for waiting in admission.call_next("reflect", NOW))

        arrived = [SqlRecords(connect(), 30).save(numbered(number)) for number in range(8)]
        admissions = [SqlAdmission(connect(), limits) for _ in range(3)]
        for verification in arrived:
            admissions[0].enter(verification, NOW, NOW + LEASE)
        for verification in arrived[:3]:
            admissions[0].leave(verification, NOW + LEASE)
        with statement_by_statement(monkeypatch):
            functions = [Function(partial(call, admission)) for admission in admissions]
            while running := [function for function in functions if not function.has_ended]:
                chance.choice(running).step()

    assert sorted(called) == [verification.id for verification in arrived[3:6]]
