"""A verification through the deployed handlers, from the request to the webhook, and no secret on
the way: not in a log line of any level, not in the stored record, not in the webhook.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from standardwebhooks import Webhook

from liveproof import facts, observability
from liveproof.clouds.aws import runtime
from liveproof.clouds.aws.clients import Clients
from liveproof_emulator import testing
from tests.support.aws import BUCKET, REGION, TABLE, account, check_queue, s3
from tests.support.canaries import (
    API_KEY,
    FILE_CANARY,
    WEBHOOK_KEY,
    WEBHOOK_SECRET,
    Endpoint,
    canary_files,
    declared,
    leaks,
)
from tests.support.dynamo_items import readable
from tests.support.lambdas import http_event, invoke, put_secrets, received, sqs_event
from tests.support.servers import serving

CREATE = "POST /v1/verifications"


class Journey:
    """A deployment in a mocked account, the vendor's emulator, and an endpoint for webhooks."""

    def __init__(self, clients: Clients, vendor: testing.Running) -> None:
        self.clients = clients
        self.vendor = vendor
        self.endpoint = Endpoint()
        self.answers: list[str] = []
        self.files = canary_files()

    def ask(self, function: str, route: str, **changes: Any) -> dict[str, Any]:
        answer = invoke(function, http_event(route, API_KEY, **changes))
        self.answers.append(answer["body"])
        return {"status": answer["statusCode"], **json.loads(answer["body"])}

    def create(self) -> dict[str, Any]:
        inputs = declared(self.files)
        body = json.dumps({"check": "reflect", "inputs": inputs, "reference": "order-7"})
        return self.ask("create_upload", CREATE, body=body)

    def upload(self, made: dict[str, Any]) -> None:
        for name, upload in made["uploads"].items():
            key = upload["url"].split("?")[0].split(f"/{BUCKET}/")[1]
            s3().put_object(Bucket=BUCKET, Key=key, Body=self.files[name])
            about = {"bucket": {"name": BUCKET}, "object": {"key": quote(key)}}
            created = {"eventName": "ObjectCreated:Put", "s3": about}
            event = sqs_event([{"MessageId": "m", "Body": json.dumps({"Records": [created]})}])
            assert invoke("verify_upload", event) == {"batchItemFailures": []}

    def run_steps(self) -> None:
        for queue, function in (
            (check_queue("reflect"), "run_check"),
            ("deliveries", "deliver_result"),
        ):
            messages = received(self.clients, queue)
            assert messages, queue
            assert invoke(function, sqs_event(messages)) == {"batchItemFailures": []}

    def stored(self) -> str:
        items = self.clients.dynamodb.call("Scan", TableName=TABLE)["Items"]
        return json.dumps([readable(item) for item in items])


@pytest.fixture
def journey(monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAcanary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canaryAwsSecretKey")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("MOTO_ALLOW_NONEXISTENT_REGION", "true")
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    with account() as clients, testing.start() as vendor:
        made = Journey(clients, vendor)
        with serving(made.endpoint.take) as endpoint:
            key = {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key}
            secrets = put_secrets(
                clients,
                api_key=API_KEY,
                webhook_url=f"http://127.0.0.1:{endpoint.port}/canaryHook",
                webhook_secret=WEBHOOK_SECRET,
                vendor=key,
            )
            queues = {
                f"LIVEPROOF_{name.upper()}_QUEUE_URL": clients.sqs.call(
                    "GetQueueUrl", QueueName=name
                )["QueueUrl"]
                for name in ("uploads", "deliveries", "erasures")
            }
            check_queues = {
                check: clients.sqs.call("GetQueueUrl", QueueName=check_queue(check))["QueueUrl"]
                for check in facts.checks()
            }
            environment = {
                "LIVEPROOF_CLOUD": "aws",
                "LIVEPROOF_REGION": REGION,
                "LIVEPROOF_VENDOR_REGION": "ap-singapore",
                "LIVEPROOF_VENDOR_ENDPOINT": vendor.url,
                "LIVEPROOF_FILE_TRANSFER": "relay",
                "LIVEPROOF_TABLE": TABLE,
                "LIVEPROOF_BUCKET": BUCKET,
                "LIVEPROOF_WEBHOOK_ADDRESS_POLICY": "any",
                "LIVEPROOF_CHECK_QUEUE_URLS": json.dumps(check_queues),
                **queues,
                **secrets,
            }
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            runtime._dependencies.cache_clear()
            yield made
            runtime._dependencies.cache_clear()


def test_a_verification_passes_and_its_webhook_arrives(journey: Journey) -> None:
    made = journey.create()
    assert (made["status"], set(made["uploads"])) == ("awaiting_upload", {"live_data", "image"})
    journey.upload(made)
    journey.run_steps()

    ((headers, body),) = journey.endpoint.webhooks
    webhook = Webhook(WEBHOOK_SECRET).verify(body, headers)
    assert webhook["type"] == "verification.passed"
    assert webhook["data"]["id"] == made["id"]
    route = "GET /v1/verifications/{id}"
    seen = journey.ask("read_verification", route, pathParameters={"id": made["id"]})
    assert (seen["status"], seen["decision"]) == ("decided", "passed")
    assert seen["delivery"]["state"] == "delivered"
    assert seen["evidence"]["frames"][0]["key"] == f"evidence/passed/{made['id']}/best_frame.jpg"
    assert len(journey.vendor.calls("DetectReflectLivenessAndCompare")) == 1
    again = "POST /v1/verifications/{id}/deliveries"
    journey.ask("resend_result", again, pathParameters={"id": made["id"]})
    messages = received(journey.clients, "deliveries")
    assert invoke("deliver_result", sqs_event(messages)) == {"batchItemFailures": []}
    assert journey.endpoint.webhooks[1][0]["webhook-id"] == headers["webhook-id"]
    assert invoke("sweep", {}) is None


def test_no_secret_url_or_byte_reaches_a_log_the_record_or_the_webhook(
    journey: Journey, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    observability.logger.setLevel(logging.DEBUG)
    try:
        made = journey.create()
        journey.upload(made)
        journey.run_steps()
    finally:
        observability.logger.setLevel(logging.INFO)

    captured = capfd.readouterr()
    logs = caplog.text + captured.out + captured.err + repr([r.__dict__ for r in caplog.records])
    record = journey.stored()
    ((_, body),) = journey.endpoint.webhooks
    assert made["id"] in logs
    assert made["id"] in record
    secrets = {
        "API key": API_KEY,
        "webhook secret": WEBHOOK_SECRET,
        "webhook key": WEBHOOK_KEY.decode(),
        "webhook URL": "canaryHook",
        "vendor key": journey.vendor.secret_key,
        "vendor key id": journey.vendor.secret_id,
        "AWS key": "canaryAwsSecretKey",
        "upload URL": "X-Amz-Signature",
        "vendor URL": "q-sign",
        "vendor storage": "myqcloud.com",
        "file bytes": FILE_CANARY,
    }
    # What is looked for does exist, so that not finding it means something.
    assert "X-Amz-Signature" in journey.answers[0]
    places = {"logs": logs, "record": record, "webhook": body.decode()}
    assert leaks(secrets, places) == []


def test_every_log_line_is_json_with_a_registered_event(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    made = journey.create()
    journey.upload(made)
    journey.run_steps()

    lines = [record for record in caplog.records if record.name == "liveproof"]
    assert {record.message for record in lines} <= {event.name for event in observability.Event}
    assert {"VERIFICATION_CREATED", "CALL_SENT", "DECIDED", "DELIVERY_ATTEMPTED"} <= {
        record.message for record in lines
    }


def test_s3s_own_test_message_is_taken_without_trouble(journey: Journey) -> None:
    event = sqs_event([{"MessageId": "m", "Body": json.dumps({"Event": "s3:TestEvent"})}])

    assert invoke("verify_upload", event) == {"batchItemFailures": []}


def test_a_poisoned_upload_event_returns_alone(journey: Journey) -> None:
    messages = [
        {"MessageId": "good", "Body": json.dumps({"id": "ver_" + "0" * 26})},
        {"MessageId": "bad", "Body": "["},
    ]

    answer = invoke("verify_upload", sqs_event(messages))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_the_sweep_finds_what_lost_its_message(journey: Journey) -> None:
    made = journey.create()
    journey.upload(made)
    received(journey.clients, check_queue("reflect"))
    stored = runtime.dependencies(None).records.load(made["id"])
    assert stored is not None
    assert stored.due_at is not None
    runtime.dependencies(None).records.save(replace(stored, due_at=stored.due_at - 20_000))

    assert invoke("sweep", {}) is None
    (message,) = received(journey.clients, check_queue("reflect"))
    assert json.loads(message["Body"]) == {"id": made["id"]}
