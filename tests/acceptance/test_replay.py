"""Events that come again: every S3 and SQS event three times, before, while and after it counts."""

from __future__ import annotations

import time

import pytest

from tests.acceptance.journey import Journeys

pytestmark = pytest.mark.xdist_group("local_cloud")

QUEUES = {"Uploads": "uploads", "Checks": "checks", "Deliveries": "deliveries"}


def _replay(journeys: Journeys, created: dict[str, object], times: int) -> None:
    for name in ("live_data", "image"):
        journeys.send("Uploads", journeys.object_created(created, name), times)
    for queue in QUEUES:
        journeys.send(queue, {"id": created["id"]}, times)


def test_replaying_every_event_three_times_leaves_one_call_per_verification(
    journeys: Journeys,
) -> None:
    expected = {"passed": None, "rejected": "spoof"}
    started = {}
    for decision, scenario in expected.items():
        files = journeys.files(scenario)
        created = journeys.create(files)
        _replay(journeys, created, 1)  # before the files are there
        journeys.upload(created, files)
        _replay(journeys, created, 3)  # while they are being handled
        started[decision] = created
    for decision, created in started.items():
        assert journeys.outcome(created["id"])["decision"] == decision
    for created in started.values():
        _replay(journeys, created, 3)  # long after
    _wait_until_drained(journeys)
    assert len(journeys.paid_calls()) == len(started)
    for created in started.values():
        assert len(journeys.webhooks(created["id"])) == 1
        assert len(journeys.api.read(created["id"])["calls"]) == 1


def _wait_until_drained(journeys: Journeys) -> None:
    sqs = journeys.cloud.aws.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + 60
    for queue in QUEUES:
        url = journeys.cloud.outputs[f"{queue}QueueUrl"]
        while True:
            counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            if not any(int(count) for count in counts.values()):
                break
            assert time.monotonic() < deadline, f"{queue} still holds {counts}"
            time.sleep(0.5)


def test_no_replayed_event_reaches_a_dead_letter_queue(journeys: Journeys) -> None:
    created = journeys.start()
    journeys.outcome(created["id"])
    _replay(journeys, created, 3)
    _wait_until_drained(journeys)
    sqs = journeys.cloud.aws.client("sqs")
    for queue in QUEUES:
        url = journeys.cloud.outputs[f"{queue}DeadLetterQueueUrl"]
        assert "Messages" not in sqs.receive_message(QueueUrl=url), queue
