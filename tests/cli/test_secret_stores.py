"""`liveproof secrets get` and `put`: the documents in a cloud's own store."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveproof_cli.deployments import aws
from liveproof_cli.errors import CannotBeDone
from liveproof_emulator.keys import new_key
from tests.clouds.tencent.standin import ApiStandIn
from tests.docs.pages import blocks
from tests.support.aws import REGION, account
from tests.support.command_line import Liveproof, terraform_outputs
from tests.support.deployment import WEBHOOK_SECRET

KEYS: dict[str, Any] = {"clients": {"shop": {"keys_sha256": ["a" * 64]}}}
VERSION = {"SecretName": "liveproof-production-api-keys", "VersionId": "v1"}


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch, named: Path) -> Iterator[ApiStandIn]:
    """SSM, for the deployment on Tencent Cloud that the environment names."""
    with ApiStandIn(new_key()) as standin:
        monkeypatch.setenv("LIVEPROOF_SSM_ENDPOINT", standin.url)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", standin.key.secret_id)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", standin.key.secret_key)
        yield standin


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "api-keys.json").write_text(json.dumps(KEYS))
    return str(tmp_path / "api-keys.json")


def test_a_document_is_read_as_it_is(liveproof: Liveproof, ssm: ApiStandIn) -> None:
    ssm.answers = [{"SecretString": json.dumps(KEYS)}]

    done = liveproof("secrets", "get", "api-keys")
    assert json.loads(done.out) == KEYS
    (calls,) = ssm.requests
    assert (calls.action, calls.parameters) == ("GetSecretValue", VERSION)


def test_a_new_document_is_written_over_the_old_one(
    liveproof: Liveproof, ssm: ApiStandIn, file: str
) -> None:
    done = liveproof("secrets", "put", "api-keys", file)
    assert (done.status, done.err) == (0, "")
    (calls,) = ssm.requests
    written = {**VERSION, "SecretString": json.dumps(KEYS)}
    assert (calls.action, calls.parameters) == ("UpdateSecret", written)


def test_the_first_document_makes_the_version(
    liveproof: Liveproof, ssm: ApiStandIn, file: str
) -> None:
    ssm.answers = ["ResourceNotFound", {}]

    assert liveproof("secrets", "put", "api-keys", file).status == 0
    assert [call.action for call in ssm.requests] == ["UpdateSecret", "PutSecretValue"]


def test_a_document_that_the_functions_would_refuse_is_not_written(
    liveproof: Liveproof, ssm: ApiStandIn, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"clients": {"shop": {"keys_sha256": ["canary"]}}}')

    done = liveproof("secrets", "put", "api-keys", str(wrong))
    assert done.status == 1
    assert "clients.shop.keys_sha256" in done.err
    assert "canary" not in done.err
    assert ssm.requests == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ResourceNotFound", "has no value yet"),
        ("AuthFailure.SecretIdNotFound", "TENCENTCLOUD_SECRET_KEY"),
        ("UnauthorizedOperation", "ssm:UpdateSecret"),
        ("FailedOperation", "SSM cannot be asked (FailedOperation)"),
    ],
)
def test_a_refusal_says_what_to_do(
    liveproof: Liveproof, ssm: ApiStandIn, code: str, sentence: str
) -> None:
    ssm.answers = [code]

    done = liveproof("secrets", "get", "api-keys")
    assert (done.status, done.out) == (1, "")
    assert sentence in done.err


def test_a_secret_that_the_file_does_not_name_is_named(
    liveproof: Liveproof, ssm: ApiStandIn
) -> None:
    assert "terraform" in liveproof("secrets", "get", "senseid-key").err


def test_on_aws_a_document_is_put_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    with account() as clients:
        arn = clients.secretsmanager.call("CreateSecret", Name="senseid-key")["ARN"]
        outputs = {"TableName": "t", "SenseIdKeySecretArn": arn}
        deployment = aws._deployment("liveproof-test", clients, REGION, None, outputs, lambda: "me")
        with pytest.raises(CannotBeDone, match="no value yet"):
            deployment.secret("senseid-key")

        deployment.put_secret("senseid-key", b"the text")
        assert deployment.secret("senseid-key") == b"the text"


def test_the_documented_move_brings_each_secret_to_another_deployment(
    liveproof: Liveproof, ssm: ApiStandIn, tmp_path: Path, named: Path
) -> None:
    (block,) = [block.text for block in blocks("sh", "move-region.md")]
    (names,) = re.findall(r"for name in (.*); do", block)
    commands = re.findall(r"secrets (get|put) \"\$name\"", block)
    assert commands == ["get", "put"]
    new = tmp_path / "new"
    new.mkdir()
    versions = {name: f"liveproof-new-{name}:v1" for name in ("api_keys", "webhooks", "vendor_key")}
    there = str(
        terraform_outputs(new, f"sqlite:///{tmp_path / 'records.sqlite'}", secrets=versions)
    )
    endpoint = {"url": "https://shop.example/hook", "secrets": [WEBHOOK_SECRET]}
    documents = {
        "api-keys": KEYS,
        "webhooks": {"endpoints": {"shop": endpoint}},
        "vendor-key": {"secret_id": "AKID", "secret_key": "key"},
    }
    for name in names.split():
        ssm.answers = [{"SecretString": json.dumps(documents[name])}]
        read = liveproof("--deployment", str(named), "secrets", "get", name).out
        (tmp_path / f"{name}.json").write_text(read)
        file = str(tmp_path / f"{name}.json")
        assert liveproof("--deployment", there, "secrets", "put", name, file).status == 0
        parameters = ssm.requests[-1].parameters
        assert parameters["SecretName"] == f"liveproof-new-{name.replace('-', '_')}"
        assert json.loads(parameters["SecretString"]) == documents[name]
