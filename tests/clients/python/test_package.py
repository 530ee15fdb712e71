"""The distribution liveproof-client: its wheel, its version, its generated files, its webhooks."""

from __future__ import annotations

import base64
import json
import re
import typing
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

import liveproof
import liveproof_client
from liveproof_client import models
from liveproof_client.webhooks import WebhookVerificationError, verify_webhook
from tests.support import environments
from tools import ROOT
from tools.docs.python_client import blocking_text, model_name

FOLDER = ROOT / "clients" / "python"
SCHEMAS = json.loads((ROOT / "docs" / "openapi.json").read_text())["components"]["schemas"]


def test_the_version_is_the_project_s() -> None:
    assert liveproof_client.__version__ == liveproof.__version__


def test_the_licence_is_the_project_s() -> None:
    assert (FOLDER / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_wheel_holds_the_package_and_its_types(tmp_path: Path) -> None:
    program = environments.venv("emulator")  # has the builder
    options = ("--no-deps", "--no-build-isolation")
    environments.pip(program, "wheel", *options, "-w", tmp_path, FOLDER)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith(f"liveproof_client-{liveproof.__version__}-py3")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        (metadata,) = (name for name in names if name.endswith("METADATA"))
        metadata_text = opened.read(metadata).decode()
    source = FOLDER / "src"
    files = {
        str(file.relative_to(source))
        for file in source.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {name for name in names if "dist-info" not in name} == files
    assert "liveproof_client/py.typed" in files
    requires = set(re.findall(r"^Requires-Dist: ([a-z0-9-]+)", metadata_text, re.MULTILINE))
    assert requires == {"anyio", "httpx", "standardwebhooks", "typing-extensions"}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_model_has_the_fields_of_its_schema(schema: str) -> None:
    model = getattr(models, model_name(schema))
    assert model.__annotations__.keys() == SCHEMAS[schema].get("properties", {}).keys()
    optional = {name for name, kind in fields_of(model) if "NotRequired" in kind}
    assert optional == model.__annotations__.keys() - set(SCHEMAS[schema].get("required", ()))


def fields_of(model: Any) -> Iterator[tuple[str, str]]:
    for name, kind in model.__annotations__.items():
        yield name, kind.__forward_arg__ if isinstance(kind, typing.ForwardRef) else str(kind)


def test_asynchronous_code_becomes_blocking_code() -> None:
    asynchronous = (
        "async with httpx.AsyncClient() as c:\n"
        "    async for x in c.aiter_bytes():\n"
        "        await self._clock.sleep_async(1)\n"
        "with limit_async(1):\n"
        "    await AsyncLiveproof().aclose()\n"
    )
    assert blocking_text(asynchronous) == (
        "with httpx.Client() as c:\n"
        "    for x in c.iter_bytes():\n"
        "        self._clock.sleep(1)\n"
        "with limit_sync(1):\n"
        "    Liveproof().close()\n"
    )


def signed(secret: str, body: bytes) -> dict[str, str]:
    now = datetime.now(timezone.utc)
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("msg_1", now, body.decode()),
    }


def test_a_webhook_is_verified_with_any_of_the_secrets() -> None:
    first, second, other = (
        "whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"a", b"b", b"c")
    )
    body = b'{"type":"webhook.test","timestamp":"2026-01-01T00:00:00Z","data":{"text":"x"}}'
    for secrets in ((first,), (second, first)):
        assert verify_webhook(body, signed(first, body), *secrets)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        verify_webhook(body, signed(other, body), first, second)
    with pytest.raises(WebhookVerificationError):
        verify_webhook(body + b" ", signed(first, body), first)
    with pytest.raises(WebhookVerificationError):
        verify_webhook(body, {}, first)
    with pytest.raises(ValueError, match="needs a secret"):
        verify_webhook(body, signed(first, body))
