"""The commands of docs/uploading.md, docs/webhooks.md and docs/operating.md, on a local cloud."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.client import Client
from tests.docs.commands import LIVEPROOF
from tests.docs.pages import ROOT, blocks
from tools.demo import samples
from tools.local.aws import deployment

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
    (tmp_path / "live_data.gz").write_bytes(samples.packet(None, nonce).data)
    (tmp_path / "photo.jpg").write_bytes(samples.photo(None, nonce).data)
    cloud = client.cloud
    shell = {"API": cloud.api, "API_KEY": cloud.api_key}
    shown = run("\n".join(block.text for block in blocks("sh", "uploading.md")), tmp_path, **shell)
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


def test_the_documented_operators_commands_run_against_the_deployment(client: Client) -> None:
    """As an operator types them: a stage on AWS, a file on Tencent Cloud."""
    cloud, shell = client.cloud, {}
    named = cloud.document()["deployment"]
    if cloud.name == "aws":
        deployed = deployment.of(cloud)
        named, shell = f"aws:{deployment.STAGE}", deployed.aws.credentials()
    made = client.create(client.files())
    held, looks = [block.text for block in blocks("sh", "operating.md")
                   if f"{LIVEPROOF} list" in block.text]  # fmt: skip
    naming, *commands = looks.strip().splitlines()
    naming = naming.replace("aws:production@ap-southeast-1", named)
    assert named in naming
    shown = run("\n".join((naming, *commands)), ROOT, ID=made["id"], **shell)
    assert shown.count(made["id"]) >= 2
    listing, release = held.strip().splitlines()
    run(f"{naming}\n{listing}", ROOT, **shell)
    with pytest.raises(AssertionError, match="is not held"):
        run(f"{naming}\n{release}", ROOT, ID=made["id"], **shell)
