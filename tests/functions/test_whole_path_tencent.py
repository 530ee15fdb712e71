"""A verification through the handlers as SCF calls them, and no secret on the way: not in a log
line of any level, not in the stored record, not in the webhook.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from standardwebhooks import Webhook

from liveproof import observability
from liveproof.clouds.tencent import runtime
from liveproof.clouds.tencent.events import MessagesFailed
from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.clouds.tencent.sql.database import Database
from liveproof_emulator import testing
from tests.clouds.tencent.standin import Answer, ApiRequest, ApiStandIn
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
from tests.support.servers import serving
from tools import http_client

REGION, NAME, APPID = "ap-singapore", "team", "1250000000"
BUCKET = f"{NAME}-{APPID}"
HOST = f"{BUCKET}.cos.{REGION}.myqcloud.com"
PAID = "DetectReflectLivenessAndCompare"


def context(function: str) -> dict[str, Any]:
    """SCF's context: a plain dict."""
    return {
        "request_id": "request-1",
        "function_name": f"liveproof-test-{function}",
        "time_limit_in_ms": 120_000,
        "memory_limit_in_mb": 256,
        "tencentcloud_region": REGION,
    }


class Journey:
    """The handlers, a bucket and a vendor in the emulator, SSM and SCF as a stand-in."""

    def __init__(self, vendor: testing.Running, database: Path) -> None:
        self.vendor = vendor
        self.database = database
        self.secrets: dict[str, str] = {}
        self.invocations: list[tuple[str, dict[str, Any]]] = []
        self.endpoint = Endpoint()
        self.answers: list[str] = []
        self.files = canary_files()

    def answer(self, request: ApiRequest) -> Answer:
        """SSM's secrets, and SCF's Invoke: the steps to run wait in `invocations`."""
        if request.action == "GetSecretValue":
            name = f"{request.parameters['SecretName']}:{request.parameters['VersionId']}"
            text = self.secrets.get(name)
            return "ResourceNotFound" if text is None else {"SecretString": text}
        step = request.parameters["FunctionName"].removeprefix("liveproof-test-")
        self.invocations.append((step, json.loads(request.parameters["ClientContext"])))
        return {"Result": {"FunctionRequestId": "request"}}

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        handler = importlib.import_module(f"functions.{function}.handler").handler
        return handler(event, context(function))

    def ask(self, method: str, path: str, body: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {API_KEY}", "x-scf-remote-addr": "192.0.2.7"}
        event = {"httpMethod": method, "path": path, "headers": headers, "body": body}
        answer = self.invoke("api", {**event, "queryString": {}})
        self.answers.append(answer["body"])
        return {"status_code": answer["statusCode"], **json.loads(answer["body"])}

    def create(self) -> dict[str, Any]:
        inputs = declared(self.files)
        body = json.dumps({"check": "reflect", "inputs": inputs, "reference": "order-7"})
        return self.ask("POST", "/v1/verifications", body)

    def upload(self, made: dict[str, Any]) -> None:
        for name, upload in made["uploads"].items():
            assert http_client.put(upload, self.files[name]).status == 200
            key = unquote(urlsplit(upload["url"]).path).partition(f"{HOST}/")[2]
            self.invoke("verify_upload", cos_event(key))

    def run_steps(self) -> None:
        while self.invocations:
            step, event = self.invocations.pop(0)
            self.invoke(step, event)

    def stored(self) -> str:
        with closing(sqlite3.connect(self.database)) as connection:
            return "\n".join(connection.iterdump())


def cos_event(key: str, event: str = "cos:ObjectCreated:Put") -> dict[str, Any]:
    """What a COS trigger sends; its request's header is as secret as a URL."""
    about = {"key": f"/{APPID}/{NAME}/{key}", "size": 1, "vid": "", "url": "http://x", "meta": {}}
    bucket = {"region": "sg", "name": NAME, "appid": APPID}
    headers = {"Authorization": "q-sign-algorithm=sha1&q-ak=canary"}
    about_event = {
        "eventName": event,
        "eventTime": 1_545_205_770,
        "requestParameters": {"requestHeaders": headers},
    }
    return {"Records": [{"cos": {"cosObject": about, "cosBucket": bucket}, "event": about_event}]}


@pytest.fixture
def journey(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Journey]:
    with testing.start() as vendor, ApiStandIn(vendor.temporary) as standin:
        made = Journey(vendor, tmp_path / "records.sqlite")
        standin.answers = [made.answer]
        with serving(made.endpoint.take) as endpoint:
            digest = hashlib.sha256(API_KEY.encode()).hexdigest()
            url = f"http://127.0.0.1:{endpoint.port}/canaryHook"
            key = {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key}
            documents: dict[str, object] = {
                "API_KEYS": {"clients": {"shop": {"keys_sha256": [digest]}}},
                "WEBHOOKS": {"endpoints": {"shop": {"url": url, "secrets": [WEBHOOK_SECRET]}}},
                "VENDOR_KEY": key,
                "SENSEID_KEY": {"key": "k" * 32, "iv": "i" * 12},
            }
            made.secrets = {
                f"{name}:v1": json.dumps(document) for name, document in documents.items()
            }
            temporary = vendor.temporary
            environment = {
                "LIVEPROOF_CLOUD": "tencent",
                "LIVEPROOF_REGION": REGION,
                "LIVEPROOF_VENDOR_REGION": REGION,
                "LIVEPROOF_FILE_TRANSFER": "bucket",
                "LIVEPROOF_VENDOR_ENDPOINT": vendor.url,
                "LIVEPROOF_BUCKET": BUCKET,
                "LIVEPROOF_COS_ENDPOINT": f"{vendor.url}/cos/{HOST}",
                "LIVEPROOF_SSM_ENDPOINT": standin.url,
                "LIVEPROOF_SCF_ENDPOINT": standin.url,
                "LIVEPROOF_DATABASE_URL": f"sqlite:///{made.database}",
                "LIVEPROOF_FUNCTION_PREFIX": "liveproof-test-",
                "LIVEPROOF_WEBHOOK_ADDRESS_POLICY": "any",
                **{f"LIVEPROOF_{name}_SECRET": f"{name}:v1" for name in documents},
                "TENCENTCLOUD_SECRETID": temporary.secret_id,
                "TENCENTCLOUD_SECRETKEY": temporary.secret_key,
                "TENCENTCLOUD_SESSIONTOKEN": str(temporary.token),
            }
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            databases: list[Database] = []

            def remembered(url: str, credentials: Callable[[], DatabaseLogin] | None) -> Database:
                databases.append(Database(url, credentials))
                return databases[-1]

            monkeypatch.setattr(runtime, "Database", remembered)
            runtime._settings.cache_clear()
            runtime._dependencies.cache_clear()
            yield made
            runtime._settings.cache_clear()
            runtime._dependencies.cache_clear()
            for database in databases:
                database.close()


def test_a_verification_passes_and_its_webhook_arrives(journey: Journey) -> None:
    made = journey.create()
    assert (made["status"], set(made["uploads"])) == ("awaiting_upload", {"live_data", "image"})
    journey.upload(made)
    journey.run_steps()

    ((headers, body),) = journey.endpoint.webhooks
    webhook = Webhook(WEBHOOK_SECRET).verify(body, headers)
    assert webhook["type"] == "verification.passed"
    seen = journey.ask("GET", f"/v1/verifications/{made['id']}")
    assert (seen["status"], seen["decision"]) == ("decided", "passed")
    assert seen["delivery"]["state"] == "delivered"
    assert len(journey.vendor.calls(PAID)) == 1
    assert journey.vendor.calls("CreateUploadUrl") == []
    journey.ask("POST", f"/v1/verifications/{made['id']}/deliveries")
    journey.run_steps()
    assert journey.endpoint.webhooks[1][0]["webhook-id"] == headers["webhook-id"]
    assert journey.invoke("sweep", {"Type": "Timer", "TriggerName": "sweep"}) is None
    assert journey.invocations == []


def test_a_run_without_a_permit_waits_in_the_database_and_is_started_by_the_next_that_ends(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEPROOF_USUAL_RUN_SECONDS", '{"reflect": 0.1}')  # two permits
    made = [journey.create() for _ in range(3)]
    for created in made:
        journey.upload(created)
    while journey.invocations[0][0] != "run_check":
        journey.invocations.append(journey.invocations.pop(0))
    with closing(sqlite3.connect(journey.database, isolation_level=None)) as others:
        # Two other functions are at work.
        others.executemany(
            "INSERT INTO admission VALUES (?, 'reflect', 'shop', ?, ?, ?, 1)",
            [(f"ver_other{permit}", permit, permit, 2**60) for permit in range(2)],
        )
        journey.run_steps()
        assert journey.vendor.calls(PAID) == []
        waiting = others.execute("SELECT verification FROM admission WHERE permit IS NULL")
        assert {row[0] for row in waiting} == {created["id"] for created in made}
        # One of them was killed, and its lease has ended.
        others.execute("UPDATE admission SET lease_until = 1 WHERE permit = 0")

    journey.invoke("sweep", {"Type": "Timer", "TriggerName": "sweep"})
    assert journey.invocations == [("run_check", {"id": made[0]["id"]})]
    journey.run_steps()

    assert len(journey.vendor.calls(PAID)) == 3
    for created in made:
        assert journey.ask("GET", f"/v1/verifications/{created['id']}")["decision"] == "passed"


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
    temporary = journey.vendor.temporary
    secrets = {
        "API key": API_KEY,
        "webhook secret": WEBHOOK_SECRET,
        "webhook key": WEBHOOK_KEY.decode(),
        "webhook URL": "canaryHook",
        "vendor key": journey.vendor.secret_key,
        "vendor key id": journey.vendor.secret_id,
        "function key": temporary.secret_key,
        "function key id": temporary.secret_id,
        "function token": str(temporary.token),
        "a signed URL": "q-sign",
        "a bucket's host": "myqcloud.com",
        "file bytes": FILE_CANARY,
    }
    # What is looked for does exist, so that not finding it means something.
    assert "q-sign" in journey.answers[0]
    assert str(temporary.token) in journey.answers[0]
    places = {"logs": logs, "record": record, "webhook": body.decode()}
    assert leaks(secrets, places) == []


def test_an_event_that_cannot_be_handled_raises_so_that_scf_sends_it_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = journey.create()
    key = unquote(urlsplit(made["uploads"]["image"]["url"]).path).partition(f"{HOST}/")[2]
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "another")

    with pytest.raises(MessagesFailed):
        journey.invoke("verify_upload", cos_event(key))


def test_events_of_other_keys_and_other_kinds_are_taken_without_trouble(journey: Journey) -> None:
    made = journey.create()
    key = unquote(urlsplit(made["uploads"]["image"]["url"]).path).partition(f"{HOST}/")[2]

    journey.invoke("verify_upload", cos_event("uploads/other"))
    journey.invoke("verify_upload", cos_event(key))  # told of before it is there
    journey.invoke("verify_upload", cos_event(key, "cos:ObjectRemove:Delete"))

    seen = journey.ask("GET", f"/v1/verifications/{made['id']}")
    assert seen["inputs"]["image"]["state"] == "missing"


def test_an_unknown_route_is_answered_with_a_problem_document(journey: Journey) -> None:
    seen = journey.ask("DELETE", "/v1/verifications")

    assert (seen["status_code"], seen["code"]) == (404, "not_found")
