"""Asynchronous events: the queue, its retries, the clock and the bucket."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import presigner
from tests.tools.local.tencent.platform.conftest import HOST, World, eventually, function, world
from tools.processes import ToolError


def runs(path: Path) -> int:
    return len(path.read_text()) if path.exists() else 0


def settled(sample: World) -> None:
    eventually(lambda: not sample.platform.waiting())


def dead_letters(sample: World, function: str) -> list[dict[str, Any]]:
    return [
        dead_letter
        for dead_letter in sample.platform.dead_letters()
        if dead_letter["function"] == function
    ]


def test_an_event_is_handled_once_if_nothing_fails(sample: World, tmp_path: Path) -> None:
    sample.platform.send("works", {"count": str(tmp_path / "runs")})
    settled(sample)
    assert runs(tmp_path / "runs") == 1


def test_a_failed_event_is_tried_again_as_often_as_the_function_says(
    sample: World, tmp_path: Path
) -> None:
    before, retries = len(dead_letters(sample, "works")), sample.platform.retries()
    sample.platform.send("works", {"count": str(tmp_path / "twice"), "fails": 2})
    sample.platform.send("works", {"count": str(tmp_path / "thrice"), "fails": 3})
    settled(sample)
    assert (runs(tmp_path / "twice"), runs(tmp_path / "thrice")) == (3, 3)
    assert sample.platform.retries() == retries + 4
    (lost,) = dead_letters(sample, "works")[before:]
    assert lost["event"]["count"] == str(tmp_path / "thrice")
    assert (lost["attempts"], lost["failure"]) == (3, "RuntimeError: as it was told to")


def test_a_function_without_retries_gets_an_event_once(sample: World, tmp_path: Path) -> None:
    sample.platform.send("once", {"count": str(tmp_path / "runs"), "fails": 9})
    settled(sample)
    assert runs(tmp_path / "runs") == 1


def test_an_answer_that_says_500_is_no_failure(sample: World, tmp_path: Path) -> None:
    before = len(sample.platform.dead_letters())
    event = {"count": str(tmp_path / "runs"), "return": {"statusCode": 500}}
    sample.platform.send("works", event)
    settled(sample)
    assert runs(tmp_path / "runs") == 1
    assert len(sample.platform.dead_letters()) == before


def test_a_function_that_runs_out_of_time_or_dies_is_tried_again(
    sample: World, tmp_path: Path
) -> None:
    for name, event in {"time": {"sleep": 30}, "death": {"exit": 1}}.items():
        sample.platform.send("works", {"count": str(tmp_path / name), **event})
    eventually(lambda: not sample.platform.waiting(), 30)
    assert (runs(tmp_path / "time"), runs(tmp_path / "death")) == (3, 3)


def test_between_two_tries_is_the_retry_interval_and_the_request_id_stays(tmp_path: Path) -> None:
    code = "open(event['count'], 'a').write(f'{time.time()} {context[\"request_id\"]}\\n') / 0"
    with world(tmp_path, {"works": function(retries=2)}, retry_seconds=0.7) as running:
        running.platform.send("works", {"python": code, "count": str(tmp_path / "times")})
        # "count" has the sample itself write one x before each line.
        eventually(lambda: running.platform.dead_letters())
    lines = [line.lstrip("x").split() for line in (tmp_path / "times").read_text().splitlines()]
    times = [float(line[0]) for line in lines]
    assert len(times) == 3
    assert all(0.7 <= later - one < 1.2 for one, later in pairwise(times))
    assert len({line[1] for line in lines}) == 1


def test_an_event_past_its_time_is_given_up_whatever_its_retries(
    sample: World, tmp_path: Path
) -> None:
    sample.platform.send("short", {"count": str(tmp_path / "runs"), "fails": 99})
    settled(sample)
    # On a busy machine the first try alone takes all of the event's time.
    assert 1 <= runs(tmp_path / "runs") <= 6
    assert dead_letters(sample, "short")[-1]["attempts"] == runs(tmp_path / "runs")


def test_events_wait_for_a_free_container(tmp_path: Path) -> None:
    with world(tmp_path, {"once": function()}, most_containers=1) as running:
        running.platform.send("once", {"count": str(tmp_path / "runs"), "sleep": 0.3}, copies=4)
        assert len(running.platform.waiting()) == 4
        assert len(running.platform.processes()) <= 1
        settled(running)
    assert runs(tmp_path / "runs") == 4


def test_an_event_over_128_kb_is_refused(sample: World) -> None:
    # {"x": ""} has nine bytes.
    sample.platform.send("once", {"x": "a" * (128 * 1024 - 9)})
    with pytest.raises(ToolError, match="131072"):
        sample.platform.send("once", {"x": "a" * (128 * 1024 - 8)})
    settled(sample)


def test_the_clock_sends_its_event_at_its_time(tmp_path: Path) -> None:
    timer = {"type": "timer", "name": "tick", "cron": "*/2 * * * * * *"}
    with world(tmp_path, {"clock": function(triggers=[timer])}) as running:
        path = tmp_path / "code" / "clock" / "handler.py"
        path.write_text(
            "import json, time\n"
            "def handler(event, context):\n"
            f"    with open({str(tmp_path / 'ticks')!r}, 'a') as file:\n"
            "        file.write(json.dumps([time.time(), event]) + '\\n')\n"
        )
        eventually(lambda: (tmp_path / "ticks").exists())
        assert running.platform.dead_letters() == []
    for line in (tmp_path / "ticks").read_text().splitlines():
        at, event = json.loads(line)
        assert set(event) == {"Type", "TriggerName", "Time", "Message"}
        assert (event["Type"], event["TriggerName"], event["Message"]) == ("Timer", "tick", "")
        due = datetime.strptime(event["Time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        assert due.second % 2 == 0
        assert 0 <= at - due.timestamp() < 1.5


def put(emulator: testing.Running, key: str, bucket: str = HOST) -> None:
    url = presigner(emulator)("PUT", key, bucket=bucket)
    request = urllib.request.Request(url, b"bytes", method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
        assert reply.status == 200


def test_the_buckets_events_reach_the_function_whose_prefix_they_have(tmp_path: Path) -> None:
    def trigger(prefix: str) -> list[dict[str, object]]:
        return [{"type": "cos", "events": ["cos:ObjectCreated:*"], "prefix": prefix}]

    functions = {
        "uploads": function(triggers=trigger("uploads/")),
        "others": function(triggers=trigger("others/")),
    }
    with world(tmp_path, functions) as running:
        for name in functions:
            path = tmp_path / "code" / name / "handler.py"
            path.write_text(
                "import json\n"
                "def handler(event, context):\n"
                f"    with open({str(tmp_path / name)!r}, 'a') as file:\n"
                "        file.write(json.dumps(event) + '\\n')\n"
            )
        put(running.emulator, "uploads/ver_1/image")
        put(running.emulator, "evidence/ver_1/image")
        put(running.emulator, "x/uploads/ver_1/image")
        put(running.emulator, "uploads/ver_2", "another-1250000000.cos.ap-singapore.myqcloud.com")
        put(running.emulator, "others/1")
        eventually(lambda: (tmp_path / "uploads").exists() and (tmp_path / "others").exists())
        time.sleep(0.3)
    (event,) = [json.loads(line) for line in (tmp_path / "uploads").read_text().splitlines()]
    (record,) = event["Records"]
    assert record["cos"]["cosObject"]["key"] == "/1250000000/sample/uploads/ver_1/image"
    assert record["event"]["eventName"] == "cos:ObjectCreated:Put"
    assert record["event"]["eventQueue"] == (
        "qcs:0:lambda:sg:appid/1250000000:default.sample-uploads.$LATEST"
    )
    assert "Authorization" in record["event"]["requestParameters"]["requestHeaders"]


def test_an_event_of_another_bucket_is_refused(sample: World) -> None:
    notification = {
        "cos": {
            "cosBucket": {"name": "another", "appid": "1250000000"},
            "cosObject": {"key": "/1250000000/another/uploads/x"},
        },
        "event": {"eventName": "cos:ObjectCreated:Put", "eventQueue": ""},
    }
    with pytest.raises(ToolError, match="another-1250000000"):
        sample.platform.bucket_event({"Records": [notification]})
