"""The wide event of each function, on the way of one verification through both clouds."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from liveproof.observability.wide_event import FIELDS
from tests.functions import test_whole_path_aws as aws
from tests.functions import test_whole_path_tencent as tencent

aws_journey = aws.journey
tencent_journey = tencent.journey

ALWAYS = {"function", "trigger", "outcome", "milliseconds", "memory_mb"}
OF_A_VERIFICATION = {"verification", "client", "check", "state"}
STORE = {"store_ms", "store_reads", "store_writes"}
HTTP = ALWAYS | {"route", "status", "secrets_ms", "store_ms", "store_writes"}
FIELDS_OF = {
    "create_upload": HTTP | OF_A_VERIFICATION,
    "verify_upload": ALWAYS
    | OF_A_VERIFICATION
    | STORE
    | {"bucket_ms", "bucket_requests", "messages", "messages_ms"},
    "run_check": ALWAYS
    | OF_A_VERIFICATION
    | STORE
    | {"bucket_ms", "bucket_requests", "messages", "messages_ms", "late_ms"}
    | {"vendor_ms", "vendor_calls", "billed_calls", "wait_ms", "decision"},
    "deliver_result": ALWAYS
    | OF_A_VERIFICATION
    | STORE
    | {"late_ms", "secrets_ms", "webhook_attempts", "webhook_ms"},
}
SOMETIMES = {"cold_start", "late_ms", "quota_wait_ms", "wait_ms"}
"""In the first run of a process; where clock and slot leave a millisecond."""


def completed(caplog: pytest.LogCaptureFixture) -> dict[str, dict[str, Any]]:
    """The last wide event of each function, without what every log record has."""
    plain = {*vars(logging.makeLogRecord({})), "message", "asctime"}
    return {
        record.__dict__["function"].rpartition("-")[2]: {
            name: value for name, value in vars(record).items() if name not in plain
        }
        for record in caplog.records
        if record.message == "COMPLETED"
    }


@pytest.fixture(params=["aws", "tencent"])
def events(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Any:
    journey = request.getfixturevalue(f"{request.param}_journey")
    caplog.set_level(logging.INFO)
    journey.upload(journey.create())
    journey.run_steps()
    lines = completed(caplog)
    if request.param == "tencent":
        lines["create_upload"] = lines.pop("api")
    return lines


def test_a_run_says_what_it_did_and_what_it_cost(events: dict[str, dict[str, Any]]) -> None:
    assert {name: set(fields) - SOMETIMES for name, fields in events.items()} == {
        name: fields - SOMETIMES for name, fields in FIELDS_OF.items()
    }
    assert {name for fields in events.values() for name in fields} <= set(FIELDS)

    def of(name: str) -> list[Any]:
        return [events[function].get(name) for function in FIELDS_OF]

    assert of("trigger") == ["http", "upload", "message", "message"]
    assert of("outcome") == ["done"] * 4
    assert len(set(of("verification"))) == 1
    assert of("state") == ["awaiting_upload", "ready", "decided", "decided"]
    assert events["run_check"]["decision"] == "passed"
    assert of("vendor_calls") == [None, None, 1, None]
    assert of("billed_calls") == [None, None, 1, None]
    assert of("webhook_attempts") == [None, None, None, 1]
    for fields in events.values():
        parts = [name for name in fields if name.endswith("_ms") and name in FIELDS]
        parts = [name for name in parts if name not in ("late_ms", "quota_wait_ms")]
        # Two files go to the vendor side by side.
        assert sum(fields[name] for name in parts) <= 2 * fields["milliseconds"]
