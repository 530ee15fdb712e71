"""A row that two functions add at the same moment is there once, and both go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.heartbeats import SqlHeartbeats
from liveproof.clouds.tencent.sql.limits import SqlLimits
from liveproof.clouds.tencent.sql.quota import SqlQuota
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.endpoint_health import State
from liveproof.domain.limits import Most
from liveproof.heartbeats import Heartbeat
from tests.support.endpoints_contract import ACCEPTED, CLIENT, POLICY, attempt
from tests.support.limits_contract import COUNTER, DIGEST, ONE, UNTIL
from tests.support.quota_contract import NOW
from tools.mariadb import ScratchDatabase


@pytest.fixture
def database(place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database in which another function adds every row just before."""
    with closing(place.open()) as opened:
        opened.query("SELECT 1")  # makes the tables
        run = Session._run

        def second(session: Session, statement: str, values: tuple[Any, ...]) -> Any:
            if statement.startswith("INSERT"):
                run(session, statement, values)
            return run(session, statement, values)

        monkeypatch.setattr(Session, "_run", second)
        yield opened


def test_a_limit_of_calls_gives_its_first_slot(database: Database) -> None:
    assert SqlQuota(database).reserve("reflect", 5, NOW) == NOW


def test_an_endpoint_has_its_first_attempt(database: Database) -> None:
    endpoints = SqlEndpoints(database, POLICY)
    attempt(endpoints, ACCEPTED)

    assert endpoints.load(CLIENT).health.state is State.WELL


def test_a_heartbeat_is_recorded(database: Database) -> None:
    heartbeats = SqlHeartbeats(database)
    heartbeats.beat("sweep", NOW, "detail")

    assert heartbeats.last("sweep") == Heartbeat(NOW, "detail")


def test_a_heartbeat_replaces_the_one_that_another_function_just_added(
    place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Session._run

    def second(session: Session, statement: str, values: tuple[Any, ...]) -> Any:
        if statement.startswith("INSERT INTO heartbeats"):
            run(session, statement, ("sweep", NOW - 1, "another's"))
        return run(session, statement, values)

    with closing(place.open()) as opened:
        monkeypatch.setattr(Session, "_run", second)
        heartbeats = SqlHeartbeats(opened)
        heartbeats.beat("sweep", NOW, "detail")

        assert heartbeats.last("sweep") == Heartbeat(NOW, "detail")


def test_a_limit_of_money_counts_once(database: Database) -> None:
    limits = SqlLimits(database)

    assert limits.take(COUNTER, ONE, Most(), UNTIL) == ONE
    assert limits.counts(COUNTER) == ONE


def test_a_digest_is_remembered(database: Database) -> None:
    limits = SqlLimits(database)
    limits.remember(DIGEST, UNTIL)

    assert limits.remembered_until(DIGEST, UNTIL - 1) == UNTIL
