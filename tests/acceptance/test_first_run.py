"""The first minute, and the Python client, on both local clouds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liveproof_client import ApiError, Liveproof, UploadError, describe_file
from liveproof_client.webhooks import verify_webhook
from tools import ROOT
from tools.demo import samples
from tools.demo.table import Paint
from tools.demo.user_files import UserFiles
from tools.first_run import planning, story
from tools.local.cloud import LocalCloud

EXAMPLES = ROOT / "clients" / "python" / "examples"


def test_it_tells_request_upload_decision_and_verified_webhook_and_the_commands_work(
    local_cloud: LocalCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "it's my photo.jpg"
    file.write_bytes(samples.photo(None, random.Random()).data)
    environment = {"IMAGE": str(file)}
    plan = planning.plan(UserFiles.of(environment), environment, random.Random())
    assert story.tell(local_cloud, plan, Paint(enabled=False)) == 0
    output = capsys.readouterr().out
    assert output.rstrip().endswith("try: passed (photo_of_live_person), webhook verified")
    assert "q-signature=" not in output
    assert "X-Amz-Signature=" not in output

    by_hand = output.partition("By hand:")[2].partition("\n")[2].rpartition("\ntry:")[0]
    done = subprocess.run(
        ["bash", "-euc", by_hand], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={**os.environ, "API": local_cloud.api, "API_KEY": local_cloud.api_key}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert '"image"' in done.stdout


def test_the_python_client_goes_the_whole_way(local_cloud: LocalCloud) -> None:
    photo = samples.photo(None, random.Random()).data
    seen: list[int] = []
    with Liveproof(local_cloud.api, local_cloud.api_key) as liveproof:
        declared = {"image": describe_file(photo, "image/jpeg")}
        created = liveproof.create({"check": "photo", "inputs": declared, "reference": "python"})
        with pytest.raises(UploadError) as changed:
            liveproof.upload(created, {"image": photo[::-1]})
        assert changed.value.code == "file_changed"
        liveproof.upload(created, {"image": photo}, on_progress=lambda *step: seen.append(step[1]))
        assert seen[-1] == len(photo)
        # As after a lost answer: the bucket says that the file is there.
        assert liveproof.upload(created, {"image": photo})["image"].already_there
        decided = liveproof.wait_for_decision(created["id"], 60, poll_seconds=0.2)
        assert decided["decision"] == "passed"
        listed = [
            verification["id"]
            for verification in liveproof.list_all(reference="python", page_size=1)
        ]
        assert created["id"] in listed
        with pytest.raises(ApiError) as refused:
            liveproof.renew_uploads(created["id"])
        assert refused.value.code == "not_allowed_now"
    webhook = local_cloud.receiver.wait_for(created["id"], time.monotonic() + 60)
    assert webhook is not None
    body = verify_webhook(webhook.body.encode(), webhook.headers, local_cloud.webhook_secret)
    assert body["type"] == "verification.passed"


def test_the_example_of_a_verification_runs(local_cloud: LocalCloud, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(samples.photo(None, random.Random()).data)
    api = {"LIVEPROOF_API": local_cloud.api, "LIVEPROOF_API_KEY": local_cloud.api_key}
    done = subprocess.run(
        [sys.executable, EXAMPLES / "verify.py", photo], capture_output=True, text=True,
        timeout=90, env={**os.environ, **api, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
    )  # fmt: skip
    assert done.stdout.endswith(" passed\n"), done.stderr
