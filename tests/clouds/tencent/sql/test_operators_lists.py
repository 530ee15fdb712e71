"""The operator's command on the databases that a deployment may have."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from liveproof.clouds.tencent.sql.records import SqlRecords
from tests.support.command_line import Liveproof, runner, terraform_outputs, without_login
from tests.support.verifications import numbered
from tools.mariadb import ScratchDatabase

CLIENTS = ("bank", "小店 ")
"""As a client's name may be: any text, also with a space at its end."""


@pytest.fixture
def liveproof(
    place: ScratchDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Liveproof:
    """The command, on a deployment in which each client has a verification."""
    without_login(monkeypatch)
    monkeypatch.setenv("LIVEPROOF_DEPLOYMENT", str(terraform_outputs(tmp_path, place.url)))
    if place.login is not None:
        login = tmp_path / "login.json"
        login.write_bytes(msgspec.json.encode(place.login))
        monkeypatch.setenv("LIVEPROOF_LOGIN", str(login))
    with closing(place.open()) as database:
        for number, client in enumerate(CLIENTS):
            entry = numbered(number, client=client, reference="order-7")
            SqlRecords(database, record_days=1).save(entry)
    return runner(capsys)


def test_a_list_without_client_has_the_verifications_of_all(liveproof: Liveproof) -> None:
    done = liveproof("list", "--json")
    assert (done.status, done.err) == (0, "")
    assert [line["client"] for line in done.lines] == list(reversed(CLIENTS))


def test_an_erasure_by_reference_finds_the_verifications_of_every_client(
    liveproof: Liveproof,
) -> None:
    done = liveproof("erase", "--reference", "order-7", "--yes", "--why", "asked for", "--json")
    assert done.status == 0
    assert [line["state"] for line in done.lines] == ["erasing", "erasing"]
