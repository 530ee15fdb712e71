"""What a step's handler takes from the bag of dependencies, on both clouds."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from liveproof.clock import now_ms
from liveproof.clouds.tencent.events import MessagesFailed
from liveproof.dependencies import Dependencies
from liveproof.ports import RecordUnreadable
from liveproof.runtime import Handler, http_function, step_function
from liveproof.settings import SettingsError
from tests.support.deployment import API_KEY, Deployment
from tests.support.lambdas import Context, http_event

ID = "ver_" + "0" * 26


class Handled:
    """A step that remembers what it was run with."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.keys: list[str] = []

    def handler(self) -> Handler:
        return step_function(
            lambda dependencies, verification_id, deadline: self.ids.append(verification_id),
            lambda dependencies, key: self.keys.append(key),
        )


def on_aws(bucket: str, key: str) -> dict[str, Any]:
    body = {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket}, "object": {"key": key}},
            }
        ]
    }
    record = {"messageId": "1", "body": json.dumps(body), "eventSource": "aws:sqs"}
    return {"Records": [record]}


def on_tencent(bucket: str, key: str) -> dict[str, Any]:
    name, _, appid = bucket.rpartition("-")
    cos = {
        "cosBucket": {"name": name, "appid": appid},
        "cosObject": {"key": f"/{appid}/{name}/{key}"},
    }
    return {"Records": [{"cos": cos, "event": {"eventName": "cos:ObjectCreated:Put"}}]}


CREATED = {"aws": on_aws, "tencent": on_tencent}
CONTEXTS: dict[str, object] = {
    "aws": Context("verify_upload"),
    "tencent": {
        "function_name": "verify_upload",
        "request_id": "request-1",
        "time_limit_in_ms": 100_000,
    },
}
both_clouds = pytest.mark.parametrize("cloud", ["aws", "tencent"])


@pytest.fixture
def deployment() -> Deployment:
    return Deployment(bucket="team-1250000000")


def install(monkeypatch: pytest.MonkeyPatch, cloud: str, bag: Dependencies | Exception) -> None:
    """Give the cloud's functions this bag, or this failure to build one."""

    def dependencies(context: object) -> Dependencies:
        if isinstance(bag, Exception):
            raise bag
        return bag

    monkeypatch.setenv("LIVEPROOF_CLOUD", cloud)
    runtime = importlib.import_module(f"liveproof.clouds.{cloud}.runtime")
    monkeypatch.setattr(runtime, "dependencies", dependencies)


@both_clouds
@pytest.mark.parametrize(("bucket", "keys"), [("team-1250000000", ["a"]), ("other-1250000000", [])])
def test_only_objects_of_the_deployments_bucket_are_taken(
    monkeypatch: pytest.MonkeyPatch,
    deployment: Deployment,
    cloud: str,
    bucket: str,
    keys: list[str],
) -> None:
    install(monkeypatch, cloud, deployment.dependencies)
    step = Handled()

    step.handler()(CREATED[cloud](bucket, "a"), CONTEXTS[cloud])

    assert step.keys == keys


@both_clouds
def test_an_object_that_cannot_be_handled_does_not_keep_others_of_its_notification_waiting(
    monkeypatch: pytest.MonkeyPatch, deployment: Deployment, cloud: str
) -> None:
    """On AWS it did, each time that the message came again."""
    install(monkeypatch, cloud, deployment.dependencies)
    bucket, handled = "team-1250000000", []

    def created(dependencies: Dependencies, key: str) -> None:
        if key == "broken":
            raise RecordUnreadable("broken")
        handled.append(key)

    event, other = (CREATED[cloud](bucket, key) for key in ("broken", "sound"))
    if cloud == "aws":
        records = [
            record
            for one in (event, other)
            for record in json.loads(one["Records"][0]["body"])["Records"]
        ]
        event["Records"][0]["body"] = json.dumps({"Records": records})
    else:
        event["Records"] += other["Records"]
    handler = step_function(lambda dependencies, verification_id, deadline: None, created)

    if cloud == "aws":
        assert handler(event, CONTEXTS[cloud])["batchItemFailures"] != []
    else:
        with pytest.raises(MessagesFailed):
            handler(event, CONTEXTS[cloud])
    assert handled == ["sound"]


@both_clouds
def test_settings_that_are_not_valid_fail_the_run_before_any_message(
    monkeypatch: pytest.MonkeyPatch, cloud: str
) -> None:
    install(monkeypatch, cloud, SettingsError("LIVEPROOF_BUCKET is missing"))
    step = Handled()

    with pytest.raises(SettingsError, match="LIVEPROOF_BUCKET"):
        step.handler()(CREATED[cloud]("team-1250000000", "a"), CONTEXTS[cloud])
    assert step.keys == []


def test_on_tencent_cloud_a_step_waits_by_the_bags_clock(
    monkeypatch: pytest.MonkeyPatch, deployment: Deployment
) -> None:
    deployment.clock.time = now_ms()
    at = deployment.clock.time + 30_000
    install(monkeypatch, "tencent", deployment.dependencies)
    step = Handled()

    step.handler()({"id": ID, "at": at}, CONTEXTS["tencent"])

    assert step.ids == [ID]
    assert deployment.clock.time == at


@both_clouds
def test_keys_that_cannot_be_read_make_every_request_fail_and_two_alarms_ring(
    monkeypatch: pytest.MonkeyPatch, cloud: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = Deployment()
    deployment.secrets.values["api-keys"] = b"{"
    install(monkeypatch, cloud, deployment.dependencies)
    event: dict[str, Any] = {
        "aws": http_event("GET /v1/verifications", API_KEY),
        "tencent": {
            "httpMethod": "GET",
            "path": "/v1/verifications",
            "headers": {"Authorization": f"Bearer {API_KEY}"},
        },
    }[cloud]
    answer = http_function("read_verification")(event, CONTEXTS[cloud])

    assert answer["statusCode"] == 503
    written = capsys.readouterr().out
    assert all(f'"{name}":[1.0]' in written for name in ("SecretUnusable", "ApiFailed"))
