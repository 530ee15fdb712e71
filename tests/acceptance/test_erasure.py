"""Erasing a person on each local cloud, by docs/erasure.md: by the API, and by the command."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.test_operator import Operator
from tools.client import ApiError, put
from tools.processes import ToolError

_SECONDS = 60
_REFERENCE = "jane.doe@example.com"
_WHY = ("--why", "request 4711")


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


def test_a_client_erases_a_verification_and_what_comes_later(client: Client) -> None:
    files = client.files()
    created = client.create(files, reference=_REFERENCE)
    client.upload(created, files)
    decided = client.outcome(created["id"])
    keys = [key_of(upload) for upload in created["uploads"].values()]
    keys += [frame["key"] for frame in decided["evidence"]["frames"]]
    assert not any(is_gone(client, key) for key in keys)

    asked = client.api.delete(created["id"])

    assert (asked["status"], asked["reference"], asked["inputs"]) == ("erasing", None, {})
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


def test_an_operator_erases_all_that_has_a_reference(client: Client, operator: Operator) -> None:
    made = [client.create(client.files(), reference="john.doe@example.com") for _ in range(2)]
    ids = {one["id"] for one in made}
    reference = ("--reference", "john.doe@example.com")
    assert {line["id"] for line in operator.lines("erase", *reference, "--dry-run")} == ids
    assert "add --yes" in operator.run("erase", made[0]["id"], *_WHY, status=2)

    operator.run("erase", *reference, "--yes", *_WHY)
    client.cloud.deployment.sweep()

    for one in ids:
        assert client.outcome(one)["status"] == "erased"
        (act,) = operator.show(one)["interventions"]
        assert (act["kind"], act["why"]) == ("erase", "request 4711")
    assert operator.lines("list", *reference) == []
    assert ids <= {line["id"] for line in operator.lines("list", "--state", "erased")}
