"""Trying an endpoint: by the API, and by the command."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.docs.commands import LIVEPROOF
from tests.support.api import ApiError
from tools import ROOT
from tools.local.clients import CLIENT


def ask_for_test(client: Client) -> dict[str, Any]:
    """A test, as soon as the client may ask for one."""
    for _ in range(3):
        try:
            return client.api.test_webhook()
        except ApiError as refused:
            if refused.status != 429:
                raise
            time.sleep(10)
    raise AssertionError("no test in half a minute")


def command(client: Client, name: str) -> subprocess.CompletedProcess[str]:
    deployment = client.cloud.document()["deployment"]
    arguments = ["--deployment", deployment, "webhook", "test", name, "--json"]
    return subprocess.run(
        [ROOT / LIVEPROOF, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_test_is_signed_with_both_versions_and_its_answer_is_shown(client: Client) -> None:
    answer = ask_for_test(client)
    assert (answer["accepted"], answer["status"], answer["client"]) == (True, 204, CLIENT)
    (webhook,) = [
        webhook
        for webhook in client.cloud.receiver.received()
        if webhook.headers["webhook-id"] == answer["webhook_id"]
    ]
    assert webhook.verified
    assert webhook.payload()["type"] == "webhook.test"
    with pytest.raises(ApiError) as refused:
        client.api.test_webhook()
    assert (refused.value.status, refused.value.code) == (429, "too_soon")


def test_the_command_tells_what_the_endpoint_did(client: Client) -> None:
    time.sleep(10)  # one test in about ten seconds
    done = command(client, CLIENT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["explanation"].endswith("It accepts webhooks.")
    again = command(client, CLIENT)
    assert (again.returncode, "429 too_soon" in again.stderr) == (1, True)


def test_the_command_says_that_there_is_no_such_client(client: Client) -> None:
    done = command(client, "nobody")
    assert (done.returncode, "there is no client of this name" in done.stderr) == (1, True)
