"""The health of endpoints in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
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
