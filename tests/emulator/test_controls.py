"""`/_emulator/…`."""

import json
from datetime import datetime
from typing import Any

import pytest

from liveproof_emulator import testing


def post(web: Any, vendor: testing.Running, name: str, body: object) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return web("POST", f"{vendor.url}/_emulator/{name}", raw)


def test_the_ledger_lists_every_call_with_its_fields(
    caller: Any, vendor: testing.Running, web: Any
) -> None:
    caller.reflect("spoof")
    calls = web("GET", f"{vendor.url}/_emulator/calls").json()["calls"]
    assert [call["action"] for call in calls] == [
        "CreateUploadUrl", "CreateUploadUrl", "DetectReflectLivenessAndCompare",
    ]  # fmt: skip
    assert calls == vendor.calls()
    last = calls[-1]
    assert set(last) == {
        "at", "action", "region", "request_id", "scenario", "fault", "code", "verdict",
        "billed", "executed", "latency_ms", "resources",
    }  # fmt: skip
    assert datetime.fromisoformat(last["at"].replace("Z", "+00:00")).tzinfo is not None
    assert last["region"] == "ap-singapore"
    assert last["resources"] == [call["resources"][0] for call in calls[:2]]
    assert 0 < last["latency_ms"] < 5000


def test_a_reset_forgets_everything(caller: Any, vendor: testing.Running, web: Any) -> None:
    url = caller.upload(b"x")
    vendor.fault("CreateUploadUrl", "hang")
    vendor.skew(1000)
    assert post(web, vendor, "reset", {}).status == 200
    assert vendor.calls() == []
    assert web("GET", url).status == 404
    assert "UploadUrl" in caller.new_urls()


def test_scenarios_are_listed_with_their_meanings(vendor: testing.Running, web: Any) -> None:
    listed = web("GET", f"{vendor.url}/_emulator/scenarios").json()
    assert listed == vendor.scenarios()
    assert listed["actions"]["DetectReflectLivenessAndCompare"]["spoof"]
    assert {"hang", "hang-once", "rate-limited-once", "rate-limited-always"} <= set(
        listed["faults"]
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {}),
        ("faults", []),
        ("faults", b"{"),
        ("faults", b"\xff"),
        ("faults", {"action": "Nothing", "fault": "hang"}),
        ("faults", {"action": 1, "fault": "hang"}),
        ("faults", {"action": "CreateUploadUrl"}),
        ("faults", {"action": "CreateUploadUrl", "fault": "nothing"}),
        ("faults", {"action": "CreateUploadUrl", "fault": "spoof"}),
        ("faults", {"action": "PutObject", "fault": "spoof"}),
        ("faults", {"action": "CreateUploadUrl", "fault": "hang-once"}),
        ("faults", {"action": "CreateUploadUrl", "fault": "hang", "times": 0}),
        ("faults", {"action": "CreateUploadUrl", "fault": "hang", "times": True}),
        ("faults", {"action": "CreateUploadUrl", "fault": "hang", "times": 1.5}),
        ("faults", {"action": "CreateUploadUrl", "fault": "hang", "times": 1001}),
        ("faults", {"action": "CreateUploadUrl", "fault": "hang", "often": 1}),
        ("clock", {}),
        ("clock", {"advance_seconds": "1"}),
        ("clock", {"advance_seconds": -1}),
        ("clock", {"advance_seconds": 1e12}),
        ("clock", b'{"advance_seconds": NaN}'),
        ("clock", {"skew_seconds": False}),
        ("reset", {"everything": True}),
        ("reset", b"[" * 70000),
    ],
)
def test_a_wrong_body_is_refused_and_changes_nothing(
    caller: Any, vendor: testing.Running, web: Any, name: str, body: object
) -> None:
    reply = post(web, vendor, name, body)
    assert reply.status == 400
    assert reply.json()["error"]
    assert "UploadUrl" in caller.new_urls()


@pytest.mark.parametrize(
    ("method", "name", "status"),
    [("POST", "calls", 400), ("GET", "reset", 400), ("GET", "nothing", 404)],
)
def test_a_wrong_method_or_name_is_refused(
    vendor: testing.Running, web: Any, method: str, name: str, status: int
) -> None:
    assert web(method, f"{vendor.url}/_emulator/{name}", b"").status == status


def test_an_unknown_path_tells_where_things_are(vendor: testing.Running, web: Any) -> None:
    reply = web("GET", f"{vendor.url}/v1/verifications")
    assert reply.status == 404
    assert "/_emulator/" in reply.json()["error"]


def test_the_running_emulator_refuses_what_the_control_refuses(vendor: testing.Running) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        vendor.fault("CreateUploadUrl", "nothing")
