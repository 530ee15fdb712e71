"""The whole way, deployed: request, upload, event, check, webhook."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.acceptance.client import Client
from tests.acceptance.differences import SECOND_PUT
from tools.http_client import put


def test_a_live_person_who_is_in_the_photo_passes_and_the_webhook_says_so(
    client: Client,
) -> None:
    created = client.start(reference="order 17", metadata={"tier": "gold"})
    seen = client.outcome(created["id"])
    assert seen["decision"] == "passed"
    (webhook,) = client.webhooks(created["id"])
    assert webhook["type"] == "verification.passed"
    assert webhook["data"] == {name: seen[name] for name in webhook["data"]}
    assert webhook["data"]["reference"] == "order 17"
    assert webhook["data"]["metadata"] == {"tier": "gold"}


def test_the_best_frame_is_kept_as_evidence_with_the_promised_md5(client: Client) -> None:
    created = client.start()
    frame = client.kept_frame(client.outcome(created["id"]))
    assert frame.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("scenario", "decision", "reason"),
    [
        ("other-person", "rejected", "other_person"),
        ("spoof", "rejected", "spoof_suspected"),
        ("low-score", "rejected", "score_below_threshold"),
        ("missing-score", "error", "vendor_answer_incomplete"),
        ("unknown-code", "error", "vendor_code_unknown"),
    ],
)
def test_the_vendors_answer_becomes_the_decision(
    client: Client, scenario: str, decision: str, reason: str
) -> None:
    seen = client.outcome(client.start(scenario)["id"])
    assert (seen["decision"], seen["reason"]["code"]) == (decision, reason)
    assert len(client.paid_calls()) == 1


def test_the_bucket_refuses_a_file_that_is_not_the_declared_one(client: Client) -> None:
    files = client.files()
    created = client.create(files)
    upload = created["uploads"]["image"]
    image = files["image"].data
    other = put(upload, bytes(reversed(image)))
    assert (other.status, b"BadDigest" in other.body) == (400, True)
    assert put(upload, image).status == 200
    again = put(upload, image)
    expected = SECOND_PUT.of(client.cloud.name)
    assert again.status == expected, "a second PUT must not overwrite"


def test_renewed_uploads_are_new_keys_and_still_lead_to_a_decision(client: Client) -> None:
    files = client.files()
    created = client.create(files)
    fresh = client.api.renew(created["id"])
    assert fresh["uploads"]["image"]["url"] != created["uploads"]["image"]["url"]
    client.upload(fresh, files)
    assert client.outcome(created["id"])["decision"] == "passed"


def test_a_webhook_can_be_sent_again_with_the_same_id(client: Client) -> None:
    created = client.start()
    client.outcome(created["id"])
    client.api.resend(created["id"])
    client.outcome(created["id"])
    received = [
        webhook
        for webhook in client.cloud.receiver.received()
        if webhook.verification_id() == created["id"]
    ]
    assert [webhook.verified for webhook in received] == [True, True]
    assert received[0].headers["webhook-id"] == received[1].headers["webhook-id"]
    assert received[0].body == received[1].body


def test_webhooks_of_a_time_are_found_and_sent_again(client: Client) -> None:
    created = client.start(reference="the lost one")
    seen = client.outcome(created["id"])

    def found(**conditions: str) -> list[str]:
        listed = client.api.newest(50, reference="the lost one", **conditions)["verifications"]
        return [entry["id"] for entry in listed]

    assert found(decision="passed", delivery="delivered") == [created["id"]]
    assert found(delivery="exhausted") == []
    query = {"since": seen["created_at"], "state": "delivered"}
    answer = client.api.resend_range(query)
    sent = client.api.resend_range({**query, "dry_run": False})
    assert answer["verifications"] == sent["verifications"] == [created["id"]]
    seen = client.outcome(created["id"])
    received = client.cloud.receiver.of(created["id"])
    assert [webhook.headers["webhook-attempt"] for webhook in received] == ["1", "1"]
    assert [
        (entry["delivery"], entry["number"], entry["status"]) for entry in seen["delivery"]["log"]
    ] == [(1, 1, 204), (2, 1, 204)]


def test_a_burst_drains_at_the_quota_without_a_throttled_call(client: Client) -> None:
    ids = [client.start()["id"] for _ in range(15)]
    for verification_id in ids:
        assert client.outcome(verification_id, 120)["decision"] == "passed"
    calls = client.paid_calls()
    assert len(calls) == len(ids)
    assert not any(code.startswith("RequestLimitExceeded") for code in client.codes())
    times = sorted(datetime.fromisoformat(call["at"].replace("Z", "+00:00")) for call in calls)
    for first, sixth in zip(times, times[5:], strict=False):
        assert (sixth - first).total_seconds() >= 1, "more than five calls in a second"
