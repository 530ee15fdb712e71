"""liveproof on the local platform: it runs as infra/tencent says, and fails where that is wrong."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.acceptance.client import Client
from tests.support.api import Api, ApiError
from tests.tools.local.tencent.platform.conftest import eventually
from tools import http_client, mariadb
from tools.demo.samples import photo
from tools.local import cloud
from tools.local.cloud import LocalCloud
from tools.local.tencent import names
from tools.processes import ToolError

# A test need not wait as long as SCF does between two tries.
QUICK = {"local_retry_seconds": "0.1"}


@contextmanager
def running(parameters: Mapping[str, str] | None = None) -> Iterator[LocalCloud]:
    with cloud.run_cloud("tencent", {**QUICK, **(parameters or {})}) as started:
        yield started


def attempt(started: LocalCloud) -> str:
    """How far a verification comes: delivered, stuck, not uploaded or refused."""
    api = Api(started.api, started.api_key)
    sample = photo(None, random.Random())
    inputs = {"image": sample.declaration()}
    try:
        created = api.create({"check": "photo", "inputs": inputs})
    except ApiError:
        return "refused"
    if http_client.put(created["uploads"]["image"], sample.data).status != 200:
        return "not uploaded"
    return "delivered" if delivered(started, created["id"]) else "stuck"


def delivered(started: LocalCloud, verification_id: str) -> bool:
    """Whether the webhook comes; it does not once nothing moves, or is still tried after long."""
    deadline, quiet = time.monotonic() + 8, 0
    while quiet < 5 and time.monotonic() < deadline:
        if started.receiver.wait_for(verification_id, time.monotonic() + 0.1):
            return True
        quiet = 0 if started.deployment.waiting() else quiet + 1
    return False


@pytest.fixture(scope="module")
def started() -> Iterator[LocalCloud]:
    with running() as cloud:
        yield cloud


def test_a_verification_is_decided_and_its_webhook_delivered(started: LocalCloud) -> None:
    assert attempt(started) == "delivered"
    eventually(lambda: not started.deployment.waiting())
    assert started.deployment.dead_letters() == 0
    assert len(started.deployment.workers()) >= 4
    assert len(started.deployment.workers("run_check")) == 1


def test_no_log_of_a_run_has_a_secret_or_a_signature(started: LocalCloud) -> None:
    assert attempt(started) == "delivered"
    platform = json.loads((started.logs / "platform.json").read_text())
    assert platform["values"]["bucket"] == names.BUCKET
    secrets = [
        started.api_key, started.webhook_secret, started.emulator.secret_key, "q-signature",
        "x-cos-security-token", "SESSIONTOKEN",
    ]  # fmt: skip
    for log in started.logs.glob("*.log"):
        text = log.read_text()
        assert not [secret for secret in secrets if secret in text], log
    assert "run_check  {" in (started.logs / "functions.log").read_text()


def test_only_an_uploaded_object_invokes_a_function(started: LocalCloud) -> None:
    host = f"{names.BUCKET}.cos.ap-singapore.myqcloud.com"
    started.deployment.object_created(f"{started.emulator.url}/cos/{host}/uploads/x?a=b")
    with pytest.raises(ToolError, match="evidence/x"):
        started.deployment.object_created(f"{started.emulator.url}/cos/{host}/evidence/x")


def test_a_missing_object_is_reported(started: LocalCloud) -> None:
    with pytest.raises(ToolError, match="404"):
        started.deployment.stored("evidence/nothing")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"call_timeouts": "5"}, "call_timeouts"),
        ({"local_retries": "5"}, "local_retries"),
        ({"local_retry_seconds": "soon"}, "soon"),
        ({"local_nothing_timeout": "5"}, "local_nothing_timeout"),
        ({"log_level": 'INFO"\n'}, "no JSON"),
        ({"vendor_region": "ap-nowhere"}, "ap-nowhere; the vendor serves this API in ap-sing"),
        ({"vendor_region": "ap-hongkong"}, "LIVEPROOF_ALLOW_DISTANT_VENDOR_REGION"),
        ({"unknown_outcome": "shrug"}, "LIVEPROOF_UNKNOWN_OUTCOME"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(parameters: dict[str, str], message: str) -> None:
    with pytest.raises(ToolError, match=message), running(parameters):
        pass


def test_variables_reach_the_functions() -> None:
    with running({"max_bytes": '{"reflect.image": 1000}', "local_api_timeout": "7"}) as cloud:
        api = Api(cloud.api, cloud.api_key)
        declared = photo(None, random.Random()).declaration()
        live_data = {"md5": "0" * 32, "size": 2000, "content_type": "application/octet-stream"}
        inputs = {"image": declared, "live_data": live_data}
        with pytest.raises(ApiError) as refused:
            api.create({"check": "reflect", "inputs": inputs})
        assert "1000" in str(refused.value)


Change = Callable[[dict[str, Any]], object]


def of(function: str, name: str, value: object) -> Change:
    return lambda document: document["functions"][function].update({name: value})


def setting(name: str, value: str) -> Change:
    return lambda document: document["environment"].update({name: value})


def without(function: str, secret: str) -> Change:
    return lambda document: document["functions"][function]["secrets"].remove(secret)


def trigger(**changes: object) -> Change:
    return lambda document: document["functions"]["verify_upload"]["triggers"][0].update(changes)


def nobody_invokes(document: dict[str, Any]) -> None:
    for name in ("verify_upload", "sweep"):
        document["functions"][name]["invokes"] = False


BROKEN: dict[str, tuple[Change, str]] = {
    "the API may not read its keys": (without("api", "api_keys"), "refused"),
    "the API may not upload": (of("api", "bucket", {}), "not uploaded"),
    "the API may upload elsewhere": (of("api", "bucket", {"upload/": ["PutObject"]}),
                                     "not uploaded"),
    "settings have no name": (lambda document: document.pop("settings_prefix"), "not started"),
    "a setting has another name": (setting("LIVEPROOF_UNKNOWN_OUTCOMES", "repeat_once"),
                                   "not started"),
    "the functions are sought by another name": (setting("LIVEPROOF_FUNCTION_PREFIX", "other-"),
                                                 "stuck"),
    "a secret is of another version": (setting("LIVEPROOF_API_KEYS_SECRET",
                                               "liveproof-local-api-keys:v2"), "refused"),
    "the bucket is another": (setting("LIVEPROOF_BUCKET", "another-1250000000"), "stuck"),
    "the trigger's prefix is another": (trigger(prefix="files/"), "stuck"),
    "the trigger's event is another": (trigger(events=["cos:ObjectCreated:Post"]), "stuck"),
    "uploads may not be read": (of("verify_upload", "bucket", {"uploads/": ["HeadObject"]}),
                                "stuck"),
    "proven uploads may not be read": (of("run_check", "bucket", {"uploads/": ["HeadObject"]}),
                                       "stuck"),
    "no step may be started": (nobody_invokes, "stuck"),
    "the vendor's key may not be read": (without("run_check", "vendor_key"), "stuck"),
    "the webhook's secret may not be read": (without("deliver_result", "webhooks"), "stuck"),
}  # fmt: skip


@pytest.fixture
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of infra/tencent that a test may change."""
    copy = tmp_path / "infra"
    copy.mkdir()
    for name in (
        "functions.json",
        "variables.tf",
        "variables_settings.tf",
        "bucket.tf",
        "bucket_policy.json",
    ):
        shutil.copyfile(names.INFRA / name, copy / name)
    monkeypatch.setattr(names, "INFRA", copy)
    return copy / "functions.json"


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_in_infra_is_a_mistake_here(infra: Path, name: str) -> None:
    change, expected = BROKEN[name]
    document = json.loads(infra.read_text())
    change(document)
    infra.write_text(json.dumps(document))
    if expected == "not started":
        with pytest.raises(ToolError, match="setting"), running():
            pass
        return
    with running() as cloud:
        assert attempt(cloud) == expected


def test_the_bucket_refuses_by_the_rules_of_infra(infra: Path) -> None:
    archived = {"x-cos-storage-class": "ARCHIVE"}
    open_bucket = {"local_strict_signature": "false"}

    def upload(parameters: Mapping[str, str]) -> int:
        with running(parameters) as cloud:
            sample = photo(None, random.Random())
            inputs = {"image": sample.declaration()}
            created = Api(cloud.api, cloud.api_key).create({"check": "photo", "inputs": inputs})
            upload = created["uploads"]["image"]
            more = {**upload, "headers": {**upload["headers"], **archived}}
            return http_client.put(more, sample.data).status

    assert upload(open_bucket) == 403
    path = infra.with_name("bucket_policy.json")
    document = json.loads(path.read_text())
    kept = [upload for upload in document["uploads"] if "storage-class" not in json.dumps(upload)]
    path.write_text(json.dumps({**document, "uploads": kept}))
    assert upload(open_bucket) == 200
    assert upload({}) == 403  # the strict signature


def test_a_page_of_an_allowed_origin_may_put_a_file() -> None:
    with running({"cors_origins": "https://app.example"}) as cloud:
        sample = photo(None, random.Random())
        inputs = {"image": sample.declaration()}
        created = Api(cloud.api, cloud.api_key).create({"check": "photo", "inputs": inputs})
        upload = created["uploads"]["image"]
        names = ", ".join(name.lower() for name in upload["headers"])
        headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": names}
        statuses = [
            http_client.request("OPTIONS", upload["url"], {"Origin": origin, **headers}).status
            for origin in ("https://app.example", "https://evil.example")
        ]
        assert statuses == [200, 403]
        from_page = {**upload, "headers": {**upload["headers"], "Origin": "https://app.example"}}
        assert http_client.put(from_page, sample.data).status == 200
        assert delivered(cloud, created["id"])


def test_without_a_url_for_the_api_nothing_starts(infra: Path) -> None:
    document = json.loads(infra.read_text())
    document["functions"]["api"]["triggers"] = []
    infra.write_text(json.dumps(document))
    with pytest.raises(ToolError, match="api no URL"), running():
        pass


@pytest.mark.skipif(mariadb.why_not() is not None, reason=str(mariadb.why_not()))
def test_the_records_can_be_on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mariadb.server(tmp_path) as server, server.new_database() as place:
        login = f"{quote(server.login.user, safe='')}:{quote(server.login.password, safe='')}"
        monkeypatch.setenv("DATABASE_URL", place.url.replace("mysql://", f"mysql://{login}@"))
        with running() as cloud:
            assert attempt(cloud) == "delivered"
        name = place.url.rpartition("/")[2].partition("?")[0]
        with server.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            assert cursor.fetchall()


def test_files_go_through_the_relay_if_that_is_asked_for() -> None:
    with running({"file_transfer": "relay"}) as cloud:
        caller = Client(cloud, random.Random())
        seen = caller.outcome(caller.start()["id"])
        assert seen["decision"] == "passed"
        assert "CreateUploadUrl" in {call["action"] for call in cloud.emulator.calls()}
        assert caller.api.read(seen["id"])["decision"] == "passed"
