"""What goes wrong on the wire, chosen by the files and by the controls."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from liveproof_emulator import testing

ACTION = "DetectReflectLivenessAndCompare"
SILENT = ["hang", "timeout-before-charge", "timeout-after-charge", "stalled-body"]


@pytest.mark.parametrize("fault", SILENT)
@pytest.mark.parametrize("by", ["files", "controls"])
def test_a_silent_vendor_is_a_read_timeout(
    caller: Any, vendor: testing.Running, fault: str, by: str
) -> None:
    if by == "controls":
        vendor.fault(ACTION, fault)
    with pytest.raises(TimeoutError):
        caller.reflect(fault if by == "files" else None, seconds=0.3)
    (entry,) = vendor.calls(ACTION)
    assert (entry["scenario"], entry["fault"], entry["code"]) == (fault, fault, None)
    executed = fault in ("timeout-after-charge", "stalled-body")
    assert entry["executed"] is executed
    assert entry["billed"] == ("yes" if executed else "no")


@pytest.mark.parametrize(
    ("fault", "problem", "executed"),
    [
        ("reset-before-charge", ConnectionResetError, False),
        ("reset-after-body", ConnectionResetError, True),
        ("cut-short", http.client.IncompleteRead, True),
    ],
)
def test_a_broken_connection_is_seen_as_one(
    caller: Any,
    vendor: testing.Running,
    fault: str,
    problem: type[Exception],
    executed: bool,
) -> None:
    with pytest.raises(problem):
        caller.reflect(fault)
    (entry,) = vendor.calls(ACTION)
    assert (entry["fault"], entry["code"], entry["executed"]) == (fault, None, executed)


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "executed"),
    [
        ("http-500", 500, "text/html", False),
        ("http-502-after-charge", 502, "text/html", True),
        ("not-json", 200, "application/json", True),
    ],
)
def test_an_answer_can_be_something_else(
    caller: Any,
    vendor: testing.Running,
    fault: str,
    status: int,
    content_type: str,
    executed: bool,
) -> None:
    vendor.fault(ACTION, fault)
    reply = caller.call(ACTION, caller.parameters(testing.live_data(), testing.photo()))
    assert (reply.status, reply.headers["content-type"]) == (status, content_type)
    with pytest.raises(json.JSONDecodeError):
        reply.json()
    assert vendor.calls(ACTION)[0]["executed"] is executed


def test_the_wrong_content_type_carries_the_right_body(caller: Any) -> None:
    files = caller.parameters(testing.live_data(), testing.photo("wrong-content-type"))
    reply = caller.call(ACTION, files)
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.json()["Response"]["Result"] == "Success"


def test_a_slow_answer_comes_whole(caller: Any) -> None:
    assert caller.reflect("slow-answer")["Result"] == "Success"


def test_a_fault_that_happens_once_is_over_at_the_next_call_with_the_same_files(
    caller: Any, vendor: testing.Running
) -> None:
    codes = []
    for _ in range(4):
        response = caller.reflect("rate-limited-once")
        codes.append(response.get("Result") or response["Error"]["Code"])
    assert codes == ["RequestLimitExceeded", "Success"] * 2
    assert {call["scenario"] for call in vendor.calls(ACTION)} == {"rate-limited-once"}


def test_a_fault_that_happens_always_goes_on(caller: Any) -> None:
    for _ in range(3):
        response = caller.reflect("rate-limited-always")
        assert response["Error"]["Code"] == "RequestLimitExceeded"


def test_the_controls_end_the_faults_that_they_have_queued(
    caller: Any, vendor: testing.Running
) -> None:
    vendor.fault(ACTION, "hang", 5)
    vendor.end_faults(ACTION)
    vendor.fault(ACTION, "rate-limited-always")
    assert caller.reflect()["Error"]["Code"] == "RequestLimitExceeded"
    assert caller.reflect()["Result"] == "Success"


def test_the_controls_count_their_calls_and_combine_with_the_files(
    caller: Any, vendor: testing.Running
) -> None:
    vendor.fault(ACTION, "wrong-content-type", times=2)
    for content_type in ["application/json; charset=utf-8"] * 2 + ["application/json"]:
        files = caller.parameters(testing.live_data(), testing.photo("spoof"))
        reply = caller.call(ACTION, files)
        assert reply.headers["content-type"] == content_type
        assert reply.json()["Response"]["Result"] == "FailedOperation.LivessDetectFake"


def test_a_scenario_set_by_the_controls_wins_over_the_files(
    caller: Any, vendor: testing.Running
) -> None:
    vendor.fault(ACTION, "too-dark")
    assert caller.reflect("spoof")["Result"] == "FailedOperation.ActionLightDark"
    assert caller.reflect("spoof")["Result"] == "FailedOperation.LivessDetectFake"


def test_other_actions_can_fail_as_well(caller: Any, vendor: testing.Running) -> None:
    vendor.fault("CreateUploadUrl", "rate-limited-always")
    vendor.fault("CreateUploadUrl", "reset-after-body")
    assert caller.new_urls()["Error"]["Code"] == "RequestLimitExceeded"
    with pytest.raises(ConnectionResetError):
        caller.new_urls()
    assert "UploadUrl" in caller.new_urls()


@pytest.mark.parametrize(("fault", "status"), [("http-500", 500), ("rate-limited-always", 503)])
def test_storage_can_fail_as_well(
    caller: Any, vendor: testing.Running, web: Any, fault: str, status: int
) -> None:
    urls = caller.new_urls()
    vendor.fault("PutObject", fault)
    assert web("PUT", urls["UploadUrl"], b"x").status == status
    assert web("GET", urls["ResourceUrl"]).status == 404
    assert web("PUT", urls["UploadUrl"], b"x").status == 200


def test_a_put_can_be_stored_and_its_answer_lost(
    caller: Any, vendor: testing.Running, web: Any
) -> None:
    urls = caller.new_urls()
    vendor.fault("PutObject", "reset-after-body")
    with pytest.raises(ConnectionResetError):
        web("PUT", urls["UploadUrl"], b"kept")
    assert web("GET", urls["ResourceUrl"]).body == b"kept"


def test_a_silent_call_does_not_keep_the_emulator_from_stopping(caller: Any) -> None:
    running = testing.start()
    caller.vendor = running
    with ThreadPoolExecutor(1) as waiting:
        silent = waiting.submit(caller.reflect, "hang")
        while not running.calls(ACTION):
            time.sleep(0.01)
        started = time.monotonic()
        running.stop()
        running.stop()
        assert time.monotonic() - started < 4
        with pytest.raises(ConnectionError):
            silent.result()
    with pytest.raises(ConnectionError):
        caller.new_urls()
