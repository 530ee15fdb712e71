"""`liveproof webhook keys`: what signs now and until when, without a secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liveproof.clock import iso, now_ms
from liveproof.secret_documents import Webhooks
from liveproof_cli.deployments import aws
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.secret_files import read_as
from tests.support.aws import REGION, account
from tests.support.command_line import Liveproof

SEED = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
PRIVATE = "whsk_" + base64.b64encode(SEED).decode()
OLD, NEW = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
DAY = 86_400_000


@pytest.fixture
def file(tmp_path: Path) -> str:
    now = now_ms() // 1000 * 1000
    secrets: list[Any] = [
        NEW,
        PRIVATE,
        {"secret": OLD, "not_after": iso(now + DAY)},
    ]
    kiosk = [{"secret": OLD, "not_after": iso(now - DAY)}]
    document = {
        name: {"url": "https://shop.example/hook", "secrets": entries}
        for name, entries in (("shop", secrets), ("kiosk", kiosk))
    }
    path = tmp_path / "webhooks.json"
    path.write_text(json.dumps({"endpoints": document}))
    return str(path)


def test_it_shows_each_secret_of_a_client_with_its_end_and_public_key(
    liveproof: Liveproof, file: str
) -> None:
    done = liveproof("webhook", "keys", "shop", "--file", file)

    assert (done.status, done.err) == (0, "")
    _, _, *rows = done.out.splitlines()
    assert [row.split()[:3] for row in rows] == [
        ["shop", "0", "v1"],
        ["shop", "1", "v1a"],
        ["shop", "2", "v1"],
    ]
    assert "no end" in rows[0]
    assert "whpk_" + base64.b64encode(PUBLIC).decode() in rows[1]
    assert "for another 23 h 59 min" in rows[2]
    for secret in (OLD, NEW, PRIVATE):
        assert secret[6:] not in done.out


def test_a_client_whose_secrets_have_all_expired_is_named_and_the_status_is_1(
    liveproof: Liveproof, file: str
) -> None:
    done = liveproof("webhook", "keys", "--file", file)

    assert done.status == 1
    assert "kiosk" in done.out
    assert "over since" in done.out
    assert done.err == "No secret signs any more: kiosk. Put a new one.\n"


def test_as_json_it_is_one_object_for_each_secret(liveproof: Liveproof, file: str) -> None:
    done = liveproof("webhook", "keys", "shop", "--file", file, "--json")
    first, second, third = map(json.loads, done.out.splitlines())

    assert first == {
        "client": "shop",
        "secret": 0,
        "version": "v1",
        "signs": True,
        "not_after": None,
        "id": None,
        "public_key": None,
    }
    assert (second["version"], second["public_key"][:5], len(second["id"])) == ("v1a", "whpk_", 16)
    assert third["not_after"].endswith("Z")


def test_a_client_without_an_endpoint_is_named(liveproof: Liveproof, file: str) -> None:
    done = liveproof("webhook", "keys", "shap", "--file", file)

    assert (done.status, done.err) == (1, "The secret has no endpoint for shap.\n")


def test_on_tencent_cloud_a_login_is_needed_or_a_file(liveproof: Liveproof, named: Path) -> None:
    done = liveproof("webhook", "keys")

    assert done.status == 1
    assert "TENCENTCLOUD_SECRET_ID" in done.err


def test_on_aws_the_secret_is_read(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    with account() as clients:
        arn = clients.secretsmanager.call("CreateSecret", Name="webhooks")["ARN"]
        outputs = {"TableName": "t", "WebhooksSecretArn": arn}
        deployment = aws._deployment("liveproof-test", clients, REGION, None, outputs, lambda: "me")
        with pytest.raises(CannotBeDone, match="no value yet"):
            deployment.secret("webhooks")

        text = Path(file).read_text()
        clients.secretsmanager.call("PutSecretValue", SecretId=arn, SecretString=text)
        assert set(read_as(deployment.secret("webhooks"), Webhooks, "x").endpoints) == {
            "shop",
            "kiosk",
        }
