"""`liveproof endpoints`: how the clients' endpoints are, for an operator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.endpoints import Endpoints
from liveproof.ports import Records
from tests.support.command_line import Liveproof
from tests.support.endpoints_contract import ACCEPTED, GONE, POLICY
from tests.support.endpoints_contract import permit as permit_of
from tests.support.verifications import NOW, numbered


@pytest.fixture
def endpoints(tmp_path: Path, named: Path, records: Records) -> Iterator[Endpoints]:
    """Of three clients: one endpoint is well, one is gone, of one nothing is known."""
    for number, client in enumerate(("shop", "bank", "inn")):
        records.save(numbered(number, client=client))
    database = Database(f"sqlite:///{tmp_path / 'records.sqlite'}", None)
    made = SqlEndpoints(database, POLICY)
    made.give_back(permit_of(made, client="shop"), ACCEPTED, NOW)
    made.give_back(permit_of(made, client="bank"), GONE, NOW)
    made.record_test("shop", ACCEPTED, NOW + 5)
    yield made
    database.close()


@pytest.mark.usefixtures("endpoints")
def test_every_client_has_a_line(liveproof: Liveproof) -> None:
    done = liveproof("endpoints", "--json")

    assert done.status == 0
    assert {line["client"]: line["state"] for line in done.lines} == {
        "bank": "paused",
        "inn": "unproven",
        "shop": "well",
    }
    (bank,) = [line for line in done.lines if line["client"] == "bank"]
    assert (bank["paused_because"], bank["last_failure"]["answer"]) == ("gone", "410")
    assert bank["next_probe_at"] > bank["paused_since"]


@pytest.mark.usefixtures("endpoints")
@pytest.mark.parametrize(
    ("options", "clients"),
    [(["--state", "paused"], ["bank"]), (["--client", "inn"], ["inn"])],
)
def test_the_list_can_be_of_a_state_or_a_client(
    liveproof: Liveproof, options: list[str], clients: list[str]
) -> None:
    done = liveproof("endpoints", "--json", *options)

    assert [line["client"] for line in done.lines] == clients


@pytest.mark.usefixtures("endpoints")
def test_a_table_says_why_an_endpoint_is_paused_and_how_the_last_test_went(
    liveproof: Liveproof,
) -> None:
    lines = {line.split()[0]: line for line in liveproof("endpoints").out.splitlines()}

    assert "410" in lines["bank"]
    assert "accepted" in lines["shop"]
    assert lines["inn"].split()[1:] == ["unproven", "none"]


@pytest.mark.usefixtures("named")
def test_an_unknown_state_is_a_misuse(liveproof: Liveproof) -> None:
    assert liveproof("endpoints", "--state", "broken").status == 2
