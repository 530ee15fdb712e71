"""Erasing a person on each local cloud, by docs/erasure.md: by the API, and by the command."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.shell import Operator
from tests.acceptance.test_documentation import run
from tests.docs.pages import blocks
from tests.support.api import ApiError
from tools.http_client import put
from tools.local.clients import CLIENT
from tools.processes import ToolError

_SECONDS = 60
_REFERENCE = "jane.doe@example.com"


@pytest.fixture
def operator(client: Client) -> Operator:
    return Operator(client.cloud.document()["deployment"])


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def is_gone(client: Client, key: str) -> bool:
    try:
        client.cloud.deployment.stored(key)
    except ToolError:
        return True
    return False


def key_of(upload: dict[str, Any]) -> str:
    path = str(upload["url"]).partition("?")[0]
    return path[path.index("uploads/") :]


@pytest.mark.skipif(not shutil.which("curl"), reason="the page uses curl")
def test_the_commands_of_the_page_erase(client: Client, operator: Operator, tmp_path: Path) -> None:
    """docs/erasure.md, block by block, as a developer and then an operator type it."""
    first, second, third = (
        client.create(client.files(), reference=f"page-{number // 2}") for number in range(3)
    )
    by_id, by_reference, commands = (block.text for block in blocks("sh", "erasure.md"))
    shell = {"API": client.cloud.api, "API_KEY": client.cloud.api_key, "REFERENCE": "page-1"}
    deployment = client.cloud.document()["deployment"]

    verifications = json.loads(run(by_reference, tmp_path, **shell))["verifications"]
    assert [one["id"] for one in verifications] == [third["id"]]
    assert json.loads(run(by_id, tmp_path, ID=third["id"], **shell))["status"] == "erasing"
    for line in commands.strip().splitlines():
        command = line.replace(" ID ", f" {first['id']} ").replace("REFERENCE", "page-0")
        command = command.replace("--client shop", f"--client {CLIENT}")
        if "--dry-run" not in command and "--yes" not in command:
            command += " --yes"  # nobody can answer here
        run(command, tmp_path, LIVEPROOF_DEPLOYMENT=deployment)

    def swept() -> bool:
        """The sweep gives a step ten seconds to start by itself; the cloud's own comes later."""
        client.cloud.deployment.sweep()
        time.sleep(1)
        made = (first, second, third)
        return {client.api.read(one["id"])["status"] for one in made} == {"erased"}

    eventually(swept, "not everything is erased")
    assert client.outcome(first["id"])["erasure"]["erased_at"]
    (act,) = operator.show(second["id"])["interventions"]
    assert (act["kind"], act["why"]) == ("erase", "request 4711")
    listed = {line["id"] for line in operator.lines("list", "--state", "erased")}
    assert {first["id"], second["id"], third["id"]} <= listed


def test_a_client_erases_a_verification_and_what_comes_later(client: Client) -> None:
    files = client.files()
    created = client.create(files, reference=_REFERENCE)
    client.upload(created, files)
    decided = client.outcome(created["id"])
    keys = [key_of(upload) for upload in created["uploads"].values()]
    keys += [frame["key"] for frame in decided["evidence"]["frames"]]
    assert not any(is_gone(client, key) for key in keys)

    answer = client.api.delete(created["id"])

    assert (answer["status"], answer["reference"], answer["inputs"]) == ("erasing", None, {})
    erased = client.outcome(created["id"])
    assert erased["status"] == "erased"
    assert all(is_gone(client, key) for key in keys)
    assert (erased["decision"], erased["scores"]) == ("passed", {})
    assert erased["calls"][0]["request_id"] == decided["calls"][0]["request_id"]
    last = client.webhooks(created["id"])[-1]
    assert (last["type"], last["data"]["reference"]) == ("verification.erased", None)
    assert client.api.delete(created["id"])["status"] == "erased"
    with pytest.raises(ApiError) as refused:
        client.api.resend(created["id"])
    assert (refused.value.status, refused.value.code) == (409, "not_allowed_now")
    # The URL is still valid, and nothing is under its key any more.
    (name, upload), *_ = created["uploads"].items()
    assert put(upload, files[name].data).status == 200
    eventually(lambda: is_gone(client, key_of(upload)), "the late upload is still there")
