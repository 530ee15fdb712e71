"""`liveproof doctor --only queues`: how many wait, and for how long the oldest does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from liveproof.clock import now_ms
from liveproof.clouds.tencent.sql.admission import Limit, SqlAdmission
from liveproof.clouds.tencent.sql.database import Database
from liveproof.ports import Records
from tests.support.aws import REGION, TABLE, account, moto_url
from tests.support.command_line import Liveproof
from tests.support.stacks import cloudformation
from tests.support.verifications import numbered

STACK = f"aws:test@{REGION}"
Put = Callable[[int, int], None]


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Put]:
    """A stack with one queue, in which a message waits. Yields what reports its age: seconds, and
    how many seconds ago."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with account() as clients:
        url = clients.sqs.call("GetQueueUrl", QueueName="uploads")["QueueUrl"]
        clients.sqs.call("SendMessage", QueueUrl=url, MessageBody="{}")
        outputs = {"TableName": TABLE, "UploadsQueueUrl": url, "UploadsDeadLetterQueueUrl": "-"}
        reports: Any = boto3.client("cloudwatch", endpoint_url=moto_url(), region_name=REGION)

        def report(seconds: int, ago: int) -> None:
            datum = {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": "uploads"}],
                "Timestamp": datetime.now(timezone.utc) - timedelta(seconds=ago),
                "Value": seconds,
            }
            reports.put_metric_data(Namespace="AWS/SQS", MetricData=[datum])

        with cloudformation({"liveproof-test": outputs}) as stacks:
            monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", stacks)
            yield report


def _finding(liveproof: Liveproof, *arguments: str) -> dict[str, Any]:
    done = liveproof("doctor", "--json", "--only", "queues", *arguments)
    assert done.status == 0
    (line,) = done.lines
    return line


def test_the_newest_age_in_cloudwatch_counts(liveproof: Liveproof, cloudwatch: Put) -> None:
    cloudwatch(5, 400)
    cloudwatch(700, 100)

    finding = _finding(liveproof, "--deployment", STACK)

    assert finding["verdict"] == "warning"
    assert finding["says"] == (
        "1 messages wait in Uploads, 0 are being handled; the oldest was sent 11 min 40 s ago"
    )


def test_a_young_message_is_no_fault(liveproof: Liveproof, cloudwatch: Put) -> None:
    cloudwatch(500, 100)

    finding = _finding(liveproof, "--deployment", STACK)

    assert finding["verdict"] == "ok"
    assert finding["says"].endswith("the oldest was sent 8 min 20 s ago")


def test_where_cloudwatch_has_no_age_doctor_says_so(liveproof: Liveproof, cloudwatch: Put) -> None:
    cloudwatch(5, 2_000)  # of another time

    finding = _finding(liveproof, "--deployment", STACK)

    assert finding["verdict"] == "ok"
    assert "1 messages wait in 1 queues" in finding["says"]
    assert "CloudWatch has no age of them yet" in finding["says"]


def test_on_tencent_cloud_the_oldest_that_waits_for_a_permit_counts(
    liveproof: Liveproof, named: Path, records: Records
) -> None:
    now = now_ms()
    with closing(Database(f"sqlite:///{named.parent / 'records.sqlite'}", None)) as database:
        admission = SqlAdmission(database, {"reflect": Limit(1, 5.0)})
        for number, minutes in enumerate((90, 45, 5)):
            waiting = records.save(numbered(number, due_at=now - minutes * 60_000))
            admission.enter(waiting, now, now + 60_000)
            if number == 0:
                assert _finding(liveproof)["says"] == (
                    "0 verifications wait for a permit of their check; 1 have one"
                )

    finding = _finding(liveproof)

    assert finding["verdict"] == "warning"
    assert "2 verifications wait for a permit of reflect, the oldest for 45 min" in finding["says"]
    assert finding["says"].endswith("; 1 have one")
