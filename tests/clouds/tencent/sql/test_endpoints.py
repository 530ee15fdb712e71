"""The health of endpoints in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.endpoint_health import State
from tests.support.endpoints_contract import ACCEPTED, CLIENT, POLICY, EndpointsContract, attempt
from tools.mariadb import ScratchDatabase


class TestEndpoints(EndpointsContract):
    """What every Endpoints adapter promises."""

    @pytest.fixture
    def endpoints(self, place: ScratchDatabase) -> Iterator[SqlEndpoints]:
        with closing(place.open()) as database:
            yield SqlEndpoints(database, POLICY)

    @pytest.fixture
    def other(self, place: ScratchDatabase) -> Iterator[SqlEndpoints]:
        with closing(place.open()) as database:
            yield SqlEndpoints(database, POLICY)


def test_a_text_of_another_version_is_replaced(place: ScratchDatabase) -> None:
    with closing(place.open()) as database:
        database.execute(
            "INSERT INTO endpoints (client, changes, state) VALUES (?, 0, '[')", CLIENT
        )
        endpoints = SqlEndpoints(database, POLICY)

        attempt(endpoints, ACCEPTED)
        assert endpoints.load(CLIENT).health.state is State.WELL


def test_an_attempt_costs_two_updates_while_no_other_function_comes_in_between(
    place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(place.open()) as first, closing(place.open()) as second:
        endpoints, other = SqlEndpoints(first, POLICY), SqlEndpoints(second, POLICY)
        attempt(endpoints, ACCEPTED)
        statements: list[str] = []
        run = Session._run

        def noted(session: Session, statement: str, values: tuple[Any, ...]) -> Any:
            statements.append(statement)
            return run(session, statement, values)

        monkeypatch.setattr(Session, "_run", noted)
        attempt(endpoints, ACCEPTED)
        assert [text.split()[0] for text in statements] == ["UPDATE", "UPDATE"]

        attempt(other, ACCEPTED)
        statements.clear()
        attempt(endpoints, ACCEPTED)
        assert len(statements) == 6  # refused once, then in a transaction; then alone again


def test_the_count_of_changes_begins_anew_where_its_column_ends(place: ScratchDatabase) -> None:
    """A client with ten webhooks a second would have had its last one after three years."""
    with closing(place.open()) as database, closing(place.open()) as others_database:
        endpoints = SqlEndpoints(database, POLICY)
        other = SqlEndpoints(others_database, POLICY)
        attempt(endpoints, ACCEPTED)
        database.execute("UPDATE endpoints SET changes = 2147483646")
        for _ in range(2):
            attempt(other, ACCEPTED)
            attempt(endpoints, ACCEPTED)

        assert endpoints.load(CLIENT).health.state is State.WELL
        assert database.query("SELECT changes FROM endpoints")[0][0] < 10
