"""The Heartbeats port in both stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from liveproof.clouds.aws.heartbeats import DynamoHeartbeats
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.heartbeats import SqlHeartbeats
from liveproof.heartbeats import Heartbeat, Heartbeats
from tests.support.aws import TABLE, account


@pytest.fixture(params=["dynamodb", "sql"])
def heartbeats(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heartbeats]:
    if request.param == "dynamodb":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        with account() as clients:
            yield DynamoHeartbeats(clients, TABLE)
    else:
        with closing(Database(f"sqlite:///{tmp_path / 'records.sqlite'}", None)) as database:
            yield SqlHeartbeats(database)


def test_the_last_heartbeat_of_each_name_is_kept(heartbeats: Heartbeats) -> None:
    assert heartbeats.last("sweep") is None
    heartbeats.beat("sweep", 1)
    heartbeats.beat("bucket_trigger", 2, "token")
    heartbeats.beat("sweep", 3)

    assert heartbeats.last("sweep") == Heartbeat(3, "")
    assert heartbeats.last("bucket_trigger") == Heartbeat(2, "token")
