"""`make verify-deployment` against each local cloud, as against a deployment of the user's."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.acceptance.client import Client
from tools import ROOT
from tools.demo import samples
from tools.verify_deployment.__main__ import PROBES

# They wait for an expiry and an erasure, which test_expiry.py and test_erasure.py do.
WAITING = ("expiry", "erase")


def verify(client: Client, folder: Path, *options: str, **variables: str) -> Any:
    """The command's run, which has to end well, and its report."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.verify_deployment", "--output", folder, *options],
        cwd=ROOT,
        env={**os.environ, "API": client.cloud.api, "KEY": client.cloud.api_key, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = "".join(path.read_text("utf-8") for path in folder.iterdir())
    for text in (done.stdout, done.stderr, written):
        assert client.cloud.api_key not in text
        assert client.cloud.api not in text
    assert "://" not in written
    assert (folder / "report.md").read_text("utf-8") in done.stdout
    return json.loads((folder / "report.json").read_text("utf-8"))


def test_every_probe_holds_and_what_can_be_sent_back_names_nobody(
    client: Client, tmp_path: Path
) -> None:
    nonce = random.Random()
    files = {
        "IMAGE": samples.photo(None, nonce),
        "VIDEO": samples.video(None, nonce),
        "LIVE_DATA": samples.packet(None, nonce, 20_000),
    }
    paths = {name: tmp_path / name.lower() for name in files}
    for name, path in paths.items():
        path.write_bytes(files[name].data)
    report = verify(
        client,
        tmp_path / "report",
        "--yes",
        *(word for name in WAITING for word in ("--skip", name)),
        BUDGET="10",
        PRICE="0.5",
        **{name: str(path) for name, path in paths.items()},
    )

    here = {probe.name for probe in PROBES if client.cloud.name in probe.clouds} - set(WAITING)
    held = {one["name"] for one in report["probes"] if one["verdict"] == "held"}
    assert held == here
    assert report["cloud"] == client.cloud.name
    assert report["spent"] == 2.0
    assert not any(one["verdict"] == "did not hold" for one in report["assumptions"])


def test_without_files_and_money_it_says_what_was_not_run(client: Client, tmp_path: Path) -> None:
    options = ("--only", "keys", "--only", "photo", "--only", "no_face", "--only", "silent")
    report = verify(client, tmp_path / "report", *options, BUDGET="10", PRICE="0.5")

    seen = {one["name"]: one["seen"] for one in report["probes"] if one["verdict"] == "not run"}
    assert seen == {
        "no_face": "you said no",
        "photo": "it needs IMAGE=, a file of a live person",
        "silent": "it needs VIDEO=, a file of a live person",
    }
    assert report["spent"] == 0
    assert client.cloud.emulator.calls() == []
