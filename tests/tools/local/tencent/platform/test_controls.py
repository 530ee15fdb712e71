"""Steering the platform, and what it does not start with."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from liveproof_emulator import testing
from tests.tools.local.tencent.platform.conftest import (
    VALUES,
    World,
    at_once,
    document,
    eventually,
    function,
    world,
)
from tools import http_client
from tools.local.tencent.platform import client as platform_client
from tools.local.tencent.platform.config import Config
from tools.processes import ToolError


def answer(sample: World, method: str, name: str, body: bytes) -> http_client.Response:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return http_client.request(method, f"{sample.platform.url}/_platform/{name}", headers, body)


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("GET", "state", b"", 200),
        ("GET", "secrets", b"", 400),
        ("POST", "state", b"{}", 404),
        ("POST", "nothing", b"{}", 404),
        ("POST", "secrets", b"{", 400),
        ("POST", "secrets", b'{"name": "x"}', 400),
        ("POST", "events", b'{"function": "nobody", "event": {}}', 400),
        ("POST", "invocations", b"[]", 400),
        ("POST", "bucket-events", b'{"Records": []}', 400),
    ],
)
def test_a_wrong_control_is_refused(
    sample: World, method: str, name: str, body: bytes, status: int
) -> None:
    reply = answer(sample, method, name, body)
    assert reply.status == status
    assert (b"error" in reply.body) == (status != 200)


def test_events_in_copies_are_events_of_their_own(sample: World, tmp_path: Path) -> None:
    sample.platform.send("once", {"count": str(tmp_path / "runs")}, copies=3)
    eventually(lambda: not sample.platform.waiting())
    assert (tmp_path / "runs").read_text() == "xxx"


def test_a_burst_uses_what_is_free_before_it_starts_more(tmp_path: Path) -> None:
    with world(tmp_path, {"once": function()}) as running:
        handler = tmp_path / "code" / "once" / "handler.py"
        handler.write_text("import time\ntime.sleep(0.5)\n" + handler.read_text())
        at_once(lambda: running.get("once", {}), 10)
        # A machine with ten cores may start all of them at once.
        assert len(running.platform.processes()) <= min(10, (os.cpu_count() or 1) + 2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"function_prefix": "sample-"}, "nothing gives a value to region"),
        ({**VALUES, "region": '"'}, "no JSON"),
    ],
)
def test_an_inconsistent_set_up_is_refused_at_the_start(
    tmp_path: Path, values: dict[str, str], message: str
) -> None:
    (tmp_path / "functions.json").write_text(json.dumps(document({"once": function()})))
    with testing.start() as emulator:
        config = Config(
            functions=str(tmp_path / "functions.json"),
            values=values,
            emulator=emulator.url,
            code={},
            log=str(tmp_path / "functions.log"),
        )
        with (
            pytest.raises(ToolError, match=message),
            platform_client.run_platform(config, tmp_path),
        ):
            pass


def test_without_an_emulator_nothing_starts(tmp_path: Path) -> None:
    (tmp_path / "functions.json").write_text(json.dumps(document({"once": function()})))
    config = Config(
        functions=str(tmp_path / "functions.json"),
        values=VALUES,
        emulator="http://127.0.0.1:9",
        code={"once": str(tmp_path)},
        log=str(tmp_path / "functions.log"),
    )
    with (
        pytest.raises(ToolError, match=r"127\.0\.0\.1:9"),
        platform_client.run_platform(config, tmp_path),
    ):
        pass


def test_only_the_owner_can_read_the_platforms_files(sample: World) -> None:
    path = sample.folder / "platform.json"
    assert path.stat().st_mode & 0o077 == 0
    assert sample.emulator.secret_key not in path.read_text()
