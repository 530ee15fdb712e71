"""Secrets that are replaced by the page's commands under load: nothing is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.killing import kill_all
from tests.docs.commands import LIVEPROOF
from tests.docs.pages import ROOT, blocks
from tests.support.api import Api
from tools.local.receiver import Endpoint

_PAUSE_SECONDS = 1.0


class Load:
    """Verifications of the client, one after the other; `api` may be replaced meanwhile."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ended = threading.Event()
        self.started: list[str] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self._ended.wait(_PAUSE_SECONDS):
                self.started.append(self._client.start(check="photo")["id"])
        except Exception as error:  # noqa: BLE001 - the test's own thread raises it
            self.error = error

    @contextmanager
    def going(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(60)
        assert self.error is None, self.error


class Operator:
    """A shell with a deployment, in which the page's commands run."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LIVEPROOF_DEPLOYMENT": client.cloud.document()["deployment"],
        }

    def run(self, script: str) -> str:
        script = f"set -eu\n{script}".replace("CLIENT=shop", "CLIENT=demo")
        done = subprocess.run(
            ["bash", "-c", script.replace(LIVEPROOF, str(ROOT / LIVEPROOF))],
            env=self._environment, cwd=self._folder, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def document(self, name: str) -> Any:
        return json.loads(self.run(f"{LIVEPROOF} secrets get {name}"))


@pytest.fixture
def operator(client: Client, tmp_path: Path) -> Iterator[Operator]:
    """At the end every secret is as it was, and every function has forgotten what it has read."""
    cloud = client.cloud
    operator = Operator(client, tmp_path)
    names = ("api-keys", "webhooks", "vendor-key")
    before = {name.replace("-", "_"): operator.document(name) for name in names}
    yield operator
    cloud.emulator.disable_keys()
    cloud.deployment.put_secrets(before)
    client.wait_until_drained()
    kill_all(cloud)


def test_secrets_are_rotated_under_load_and_nothing_is_refused(
    client: Client, operator: Operator, tmp_path: Path
) -> None:
    cloud = client.cloud
    page = [block.text for block in blocks("sh", "rotation.md")]
    folder, add_key, remove_key, webhook, vendor = page
    client.outcome(client.start(check="photo")["id"])
    load = Load(client)
    with load.going():
        operator.run(folder + add_key)
        client.api = Api(cloud.api, json.loads((tmp_path / "new-key.json").read_text())["key"])
        operator.run(folder + remove_key)
        assert "for another 23 h" in operator.run(folder + webhook)
        key = json.dumps(cloud.emulator.new_key())
        operator.run(vendor.replace('{"secret_id": "AKID...", "secret_key": "..."}', key))
        cloud.emulator.disable_keys(cloud.emulator.secret_id)
        refused = client.start(check="photo")["id"]
        client.outcome(refused)
    outcomes = [client.outcome(made) for made in [*load.started, refused]]

    assert {seen["decision"] for seen in outcomes} == {"passed"}
    for seen in outcomes:
        *before, last = [(call["outcome"], call["billable"]) for call in seen["calls"]]
        assert (set(before), last) <= ({("not_executed", "no")}, ("answered", "yes"))
        assert len(client.webhooks(seen["id"])) == 1
    assert "AuthFailure.SecretIdNotFound" in client.codes()
    (keys,) = [entry["keys_sha256"] for name, entry in
               operator.document("api-keys")["clients"].items() if name == "demo"]  # fmt: skip
    assert len(keys) == 1
    secret, private_key, *old = operator.document("webhooks")["endpoints"]["demo"]["secrets"]
    secrets = [cloud.webhook_secret, cloud.clients[0].private_key]
    assert [dated["secret"] for dated in old] == secrets
    assert private_key.startswith("whsk_")

    # A function that starts now knows the new secrets only from the store, and signs with them.
    load = Load(client)
    with load.going(), cloud.deployment.with_variable("deliver_result", "STARTED", "anew"):
        made = client.start(check="photo")["id"]
        client.outcome(made)
    for id in load.started:
        client.outcome(id)
    signed = cloud.receiver.of(made)[-1]
    assert Endpoint(secret).verify(signed.headers, signed.body.encode())
    assert signed.verified  # by the old secret as well, for its day
