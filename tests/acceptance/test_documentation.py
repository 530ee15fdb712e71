"""The commands of the pages on uploading, webhooks, receivers and operating, on a local cloud."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.client import Client
from tests.docs.commands import LIVEPROOF
from tests.docs.pages import ROOT, blocks
from tests.support.servers import listens
from tools.demo import samples
from tools.local.aws import deployment
from tools.local.clients import local_clients
from tools.processes import Child, clean_environment, free_port, wait_until

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="the pages use curl")


def run(script: str, folder: Path, **variables: str) -> str:
    """A page's commands in bash; what they print."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), **variables}
    done = subprocess.run(
        ["bash", "-c", f"set -eu\n{script}"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_documented_commands_lead_to_a_decision_and_a_second_webhook(
    client: Client, tmp_path: Path
) -> None:
    nonce = random.Random()
    (tmp_path / "photo.jpg").write_bytes(samples.photo(None, nonce).data)
    cloud = client.cloud
    shell = {"API": cloud.api, "API_KEY": cloud.api_key}
    shown = run("\n".join(block.text for block in blocks("sh", "uploading.md")), tmp_path, **shell)
    run("\n".join(block.text for block in blocks("sh", "captures.md")), tmp_path, **shell)
    assert json.loads((tmp_path / "sequence.json").read_text())["content_base64"]
    created = json.loads((tmp_path / "created.json").read_text())
    assert json.loads(shown)["id"] == created["id"]
    decided = client.outcome(created["id"])
    assert decided["decision"] == "passed"
    assert decided["reference"] == "order-1234"
    (first,) = client.webhooks(created["id"])
    page = [block.text for block in blocks("sh", "webhooks.md")]
    (again,) = [text for text in page if "$ID/deliveries" in text]
    answer = json.loads(run(again, tmp_path, ID=created["id"], **shell))
    assert answer["delivery"]["number"] == 2
    assert first["data"]["id"] == created["id"]
    (trial,) = [text for text in page if "/v1/webhooks/test" in text]
    tried = json.loads(run(trial, tmp_path, **shell))
    assert tried.get("accepted") or tried["code"] == "too_soon"


def test_the_documented_command_verifies_a_webhook_that_arrived(
    client: Client, tmp_path: Path
) -> None:
    client.outcome(client.start()["id"])
    webhook = client.cloud.receiver.received()[-1]
    lines = [f"{name}: {value}" for name, value in webhook.headers.items()]
    (tmp_path / "headers.txt").write_text("\n".join(lines))
    (tmp_path / "body.json").write_bytes(webhook.body.encode())
    (tmp_path / "secret.txt").write_text(client.cloud.webhook_secret)
    (verify,) = [block.text for block in blocks("sh", "webhooks.md") if "verify" in block.text]
    command = verify.replace(LIVEPROOF, str(ROOT / LIVEPROOF))
    assert run(command, tmp_path) == "valid: the v1 signature matches\n"


def test_the_receivers_page_leads_to_a_verified_webhook(client: Client, tmp_path: Path) -> None:
    """Its commands, on a free port, with this local cloud in the place of `make local`."""
    cloud, port = client.cloud, str(free_port())
    receiver, local, ask = [
        block.text.replace("4000", port)
        .replace("build/", f"{tmp_path}/")
        .replace(".venv/bin/", f"{Path(sys.executable).parent}/")
        for block in blocks("sh", "receivers.md")
    ]
    secret, start = receiver.removeprefix("make .venv\n").split("WEBHOOK_SECRET=")
    run(secret, ROOT)
    made = (tmp_path / "webhook-secret").read_text()
    options = run(local.replace("make local ARGS=", "printf %s "), ROOT).split()
    assert options[::2] == ["--webhook", "--webhook-secret"]
    (named,) = local_clients(options[1:2], options[3:])
    assert named.secret == made
    # The cloud is running already, with another secret.
    (tmp_path / "webhook-secret").write_text(cloud.webhook_secret)
    endpoint = cloud.receiver.endpoints["/webhooks"]
    endpoint.target = named.target
    log = tmp_path / "receiver.log"
    command = ["bash", "-c", f"set -eu\nWEBHOOK_SECRET={start}"]
    try:
        with Child("receiver", command, log, clean_environment({"PYTHONUTF8": "1"}), ROOT, grace=0):
            deadline = time.monotonic() + 60
            while not listens(int(port)):
                assert wait_until(deadline), log.read_text()
            answer = json.loads(run(ask, ROOT, API=cloud.api, API_KEY=cloud.api_key))
            while answer.get("code") == "too_soon":  # another test asked a moment ago
                assert wait_until(deadline, 5), answer
                answer = json.loads(run(ask, ROOT, API=cloud.api, API_KEY=cloud.api_key))
            assert answer["accepted"], answer
            client.outcome(client.start(reference="Zo\u00eb")["id"])
            deadline = time.monotonic() + 60
            while "verification.passed Zo\u00eb" not in log.read_text("utf-8").splitlines():
                assert wait_until(deadline), log.read_text()
    finally:
        endpoint.target = None
    assert "webhook.test None" in log.read_text().splitlines()


def test_the_documented_operators_commands_run_against_the_deployment(client: Client) -> None:
    """As an operator types them: a stage on AWS, a file on Tencent Cloud."""
    cloud, shell = client.cloud, {}
    named = cloud.document()["deployment"]
    if cloud.name == "aws":
        deployed = deployment.of(cloud)
        named, shell = f"aws:{deployment.STAGE}", deployed.aws.credentials()
    made = client.create(client.files())
    held, looks = [
        block.text
        for page in ("operating.md", "command-line.md")
        for block in blocks("sh", page)
        if f"{LIVEPROOF} list" in block.text
    ]
    naming, *commands = looks.strip().splitlines()
    naming = naming.replace("aws:production@ap-southeast-1", named)
    assert named in naming
    shown = run("\n".join((naming, *commands)), ROOT, ID=made["id"], **shell)
    assert shown.count(made["id"]) >= 2
    listing, release = held.strip().splitlines()
    run(f"{naming}\n{listing}", ROOT, **shell)
    with pytest.raises(AssertionError, match="is not held"):
        run(f"{naming}\n{release}", ROOT, ID=made["id"], **shell)
