"""SSM and SCF as a function asks them: its own key, its own rights, the vendor's codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.conftest import signed_headers
from tests.emulator.cos.signer import presigner
from tests.tools.local.tencent.platform.conftest import HOST, World, eventually
from tools import http_client

SSM = {"X-TC-Version": "2019-09-23"}
SCF = {"X-TC-Version": "2018-04-16"}
SECRET = {"SecretName": "sample-api-keys", "VersionId": "v1"}


@dataclass(frozen=True)
class Role:
    """Somebody with a function's key."""

    world: World
    secret_id: str
    secret_key: str
    token: str

    def ask(self, action: str, parameters: object, **changes: Any) -> dict[str, Any]:
        service, version = ("scf", SCF) if action in ("Invoke", "GetAccount") else ("ssm", SSM)
        body = json.dumps(parameters).encode()
        url = self.world.platform.url
        extra = {"X-TC-Action": action, "X-TC-Token": self.token, **version}
        headers = signed_headers(
            body, url.removeprefix("http://"), self.secret_id,
            changes.pop("secret_key", self.secret_key),
            **{"service": service, **changes, "extra": {**extra, **changes.get("extra", {})}},
        )  # fmt: skip
        sent = changes.get("sent", body)
        headers = {**headers, "Content-Length": str(len(sent))}
        headers.pop("Host")
        reply = http_client.request("POST", f"{url}/", headers, sent, timeout=10)
        assert reply.status == 200
        response: dict[str, Any] = json.loads(reply.body)["Response"]
        assert response["RequestId"]
        return response

    def refusal(self, action: str, parameters: object, **changes: Any) -> str:
        response = self.ask(action, parameters, **changes)
        assert set(response) == {"Error", "RequestId"}
        code: str = response["Error"]["Code"]
        return code


def role(sample: World, function: str) -> Role:
    names = ("SECRETID", "SECRETKEY", "SESSIONTOKEN")
    event = {"python": f"[os.environ['TENCENTCLOUD_' + each] for each in {names!r}]"}
    return Role(sample, *sample.get(function, event))


@pytest.fixture(scope="module")
def worker(sample: World) -> Role:
    sample.platform.put_secret("sample-api-keys", "v1", "the value")
    sample.platform.put_secret("sample-vendor-key", "v2", "not for works")
    return role(sample, "works")


def test_an_operator_reads_the_regions_concurrency_and_a_function_does_not(
    sample: World, worker: Role
) -> None:
    key = sample.platform.operator
    operator = Role(sample, key["secret_id"], key["secret_key"], "")

    usage = operator.ask("GetAccount", {})["AccountUsage"]

    assert (usage["TotalConcurrencyMem"], usage["TotalAllocatedConcurrencyMem"]) == (64_000, 25_600)
    assert operator.refusal("GetAccount", {"Namespace": "default"}) == "UnknownParameter"
    assert worker.refusal("GetAccount", {}) == "UnauthorizedOperation.CAM"


def test_a_secret_is_read_by_name_and_version(worker: Role) -> None:
    response = worker.ask("GetSecretValue", SECRET)
    assert response.pop("RequestId")
    assert response == {**SECRET, "SecretString": "the value"}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"SecretName": "sample-api-keys"}, "MissingParameter"),
        ({"VersionId": "v1"}, "MissingParameter"),
        ({"SecretName": "sample-api-keys", "VersionId": "v9"}, "ResourceNotFound"),
        ({"SecretName": "sample-vendor-key", "VersionId": "v2"}, "UnauthorizedOperation"),
        ({"SecretName": "nothing", "VersionId": "v1"}, "UnauthorizedOperation"),
        ({**SECRET, "Stage": "x"}, "UnknownParameter"),
        ({**SECRET, "VersionId": 1}, "InvalidParameterValue"),
    ],
)
def test_other_secrets_are_refused(worker: Role, event: object, code: str) -> None:
    assert worker.refusal("GetSecretValue", event) == code


def test_secrets_and_functions_are_in_their_region(worker: Role) -> None:
    there = {"X-TC-Region": "ap-guangzhou"}
    assert worker.refusal("GetSecretValue", SECRET, extra=there) == "ResourceNotFound"
    name = {"FunctionName": "sample-once"}
    assert worker.refusal("Invoke", name, extra=there) == "ResourceNotFound.FunctionName"
    assert worker.refusal("Invoke", name, extra={"X-TC-Region": ""}) == "MissingParameter"


def test_a_function_without_the_right_is_refused(sample: World, worker: Role) -> None:
    other = role(sample, "once")
    assert other.refusal("GetSecretValue", SECRET) == "UnauthorizedOperation"
    name = {"FunctionName": "sample-works"}
    assert other.refusal("Invoke", name) == "UnauthorizedOperation.CAM"


@pytest.mark.parametrize("name", ["sample-front", "sample-clock", "sample-nothing", "once"])
def test_only_steps_may_be_invoked(worker: Role, name: str) -> None:
    assert worker.refusal("Invoke", {"FunctionName": name}) == "UnauthorizedOperation.CAM"


def test_wrong_signatures_are_refused(worker: Role) -> None:
    ask = "GetSecretValue"
    assert worker.refusal(ask, SECRET, secret_key="wrong") == "AuthFailure.SignatureFailure"
    assert worker.refusal(ask, SECRET, sent=b"{}") == "AuthFailure.SignatureFailure"
    assert worker.refusal(ask, SECRET, age=400) == "AuthFailure.SignatureExpire"
    assert worker.refusal(ask, SECRET, service="scf") == "AuthFailure.SignatureFailure"
    assert worker.refusal(ask, SECRET, extra={"X-TC-Token": "x"}) == "AuthFailure.TokenFailure"
    nobody = Role(worker.world, "AKIDnobody", "x", "x")
    assert nobody.refusal(ask, SECRET) == "AuthFailure.SecretIdNotFound"
    unsigned = http_client.request(
        "POST", f"{worker.world.platform.url}/", {"X-TC-Action": ask, "Content-Length": "2"}, b"{}"
    )
    code = json.loads(unsigned.body)["Response"]["Error"]["Code"]
    assert code == "AuthFailure.InvalidAuthorization"


def test_the_accounts_key_is_no_functions_key(sample: World) -> None:
    account = Role(sample, sample.emulator.secret_id, sample.emulator.secret_key, "")
    assert account.refusal("GetSecretValue", SECRET) == "AuthFailure.SecretIdNotFound"


def test_other_actions_and_versions_are_refused(worker: Role) -> None:
    assert worker.refusal("ListSecrets", {}, service="127") == "InvalidAction"
    old = {"X-TC-Version": "2018-04-16"}
    assert worker.refusal("GetSecretValue", SECRET, extra=old) == "NoSuchVersion"


def test_an_event_invocation_is_answered_at_once_and_runs_later(
    worker: Role, tmp_path: Path
) -> None:
    event = {"sleep": 0.3, "count": str(tmp_path / "runs")}
    response = worker.ask(
        "Invoke",
        {
            "FunctionName": "sample-once", "InvocationType": "Event",
            "ClientContext": json.dumps(event), "Namespace": "default", "Qualifier": "$LATEST",
        },
    )  # fmt: skip
    result = response["Result"]
    assert (result["RetMsg"], result["ErrMsg"], result["InvokeResult"]) == ("", "", 0)
    (waiting,) = [
        invocation
        for invocation in worker.world.platform.waiting()
        if invocation["function"] == "once"
    ]
    assert waiting["request_id"] == result["FunctionRequestId"]
    assert (waiting["event"], waiting["source"]) == (event, "invoke")
    eventually(lambda: not worker.world.platform.waiting())
    assert (tmp_path / "runs").read_text() == "x"


def test_a_synchronous_invocation_gives_the_value_back(worker: Role) -> None:
    event = {"FunctionName": "sample-once", "ClientContext": '{"return": [1, "two"]}'}
    result = worker.ask("Invoke", event)["Result"]
    assert (json.loads(result["RetMsg"]), result["InvokeResult"]) == ([1, "two"], 0)
    failed = {"FunctionName": "sample-once", "ClientContext": '{"raise": "mine"}'}
    result = worker.ask("Invoke", {**failed, "InvocationType": "RequestResponse"})["Result"]
    assert (result["InvokeResult"], result["ErrMsg"]) == (1, "ValueError: mine")
    assert json.loads(result["RetMsg"])["statusCode"] == 430


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ClientContext": "{"}, "InvalidParameterValue.Param"),
        ({"ClientContext": {"a": 1}}, "InvalidParameter.Payload"),
        ({"InvocationType": "Later"}, "InvalidParameterValue.InvokeType"),
        ({"Namespace": "other"}, "ResourceNotFound.Namespace"),
        ({"Qualifier": "7"}, "ResourceNotFound.Qualifier"),
        ({"LogType": "None"}, "UnknownParameter"),
        ({"FunctionName": ""}, "MissingParameter"),
    ],
)
def test_wrong_invocations_are_refused(worker: Role, changes: dict[str, Any], code: str) -> None:
    assert worker.refusal("Invoke", {"FunctionName": "sample-once", **changes}) == code


def test_an_asynchronous_event_may_have_128_kb(worker: Role) -> None:
    def request(size: int, kind: str) -> dict[str, str]:
        text = json.dumps({"return": "a" * (size - len('{"return": ""}'))})
        assert len(text) == size
        name = {"FunctionName": "sample-once", "InvocationType": kind}
        return {**name, "ClientContext": text}

    assert "Result" in worker.ask("Invoke", request(128 * 1024, "Event"))
    over = request(128 * 1024 + 1, "Event")
    assert worker.refusal("Invoke", over) == "InvalidParameter.Payload"
    assert "Result" in worker.ask("Invoke", request(128 * 1024 + 1, "RequestResponse"))
    eventually(lambda: not worker.world.platform.waiting())


def test_in_the_bucket_a_function_may_do_what_its_entry_says(sample: World) -> None:
    key = role(sample, "uploads")
    presign = presigner(sample.emulator)

    def status(method: str, name: str) -> int:
        url = presign(
            method, name, bucket=HOST, params={"x-cos-security-token": key.token},
            secret_id=key.secret_id, secret_key=key.secret_key,
        )  # fmt: skip
        body = b"x" if method == "PUT" else None
        return http_client.request(
            method, url, {"Content-Length": "1"} if body else {}, body
        ).status

    assert status("PUT", "evidence/a") == 200
    assert status("GET", "uploads/a") == 404
    assert status("HEAD", "uploads/a") == 404
    for method, name in (("PUT", "uploads/a"), ("GET", "evidence/a"), ("DELETE", "uploads/a")):
        assert status(method, name) == 403


def test_an_operator_writes_over_a_version_and_a_function_does_not(
    sample: World, worker: Role
) -> None:
    operator = Role(sample, **sample.platform.operator, token="")
    written = {**SECRET, "SecretString": "another"}
    assert worker.refusal("UpdateSecret", written) == "UnauthorizedOperation"
    assert operator.refusal("UpdateSecret", {**written, "VersionId": "v9"}) == "ResourceNotFound"
    assert operator.refusal("PutSecretValue", written) == "ResourceInUse.VersionIdExists"
    assert operator.ask("UpdateSecret", written)["VersionId"] == "v1"
    assert worker.ask("GetSecretValue", SECRET)["SecretString"] == "another"
    operator.ask("UpdateSecret", {**SECRET, "SecretString": "the value"})
