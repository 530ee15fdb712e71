"""The snippets of docs/evidence.md verify a real manifest, and refuse a changed one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from liveproof.domain.verification import Verification
from liveproof.evidence.objects import manifest_key
from liveproof.secret_documents import Webhooks, read_document
from tests.docs.pages import blocks, text_of
from tests.support.checks import FRAME, answer
from tests.support.deployment import Deployment
from tests.support.evidence import PRIVATE_KEY, PUBLIC_KEY, put_evidence_keys

NAMES: dict[str, Any] = {}
for block in blocks("python", "evidence.md"):
    exec(compile(block.text, block.page, "exec"), NAMES)  # noqa: S102


@pytest.fixture
def manifest() -> bytes:
    deployment = Deployment()
    put_evidence_keys(deployment)
    deployment.check.script = [answer(frame=True)]
    entry: Verification = deployment.deliver(deployment.run_check(deployment.ready()))
    return deployment.bucket.objects[manifest_key(deployment.load(entry.id))]


def changed(manifest: bytes) -> bytes:
    return manifest.replace(b'"decision":"passed"', b'"decision":"failed"')


def test_the_python_snippet_verifies(manifest: bytes) -> None:
    assert NAMES["is_genuine"](manifest, PUBLIC_KEY)
    assert not NAMES["is_genuine"](changed(manifest), PUBLIC_KEY)
    assert NAMES["is_the_frame"](FRAME, json.loads(manifest))
    assert not NAMES["is_the_frame"](FRAME + b"x", json.loads(manifest))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
def test_openssl_verifies(manifest: bytes, tmp_path: Path) -> None:
    (command,) = [one.text for one in blocks("", "evidence.md") if "openssl" in one.text]
    for text, status in ((manifest, 0), (changed(manifest), 1)):
        for name, content in NAMES["for_openssl"](text, PUBLIC_KEY).items():
            (tmp_path / name).write_bytes(content)
        done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == status, done.stderr


def test_the_page_names_every_member_of_a_manifest(manifest: bytes) -> None:
    page = text_of("evidence.md")
    document = json.loads(manifest)
    names = {*document, *document["inputs"]["image"], *document["frames"][0], *document["calls"][0]}
    bare = {"number", "outcome", "state", "reason", "latency_ms"}
    assert [name for name in sorted(names - bare) if f"`{name}`" not in page] == [
        "called_at", "intent_at", "settled_at",
    ]  # fmt: skip


def test_the_documents_of_keys_are_read() -> None:
    for block in blocks("json", "evidence.md"):
        text = block.text.replace("whsk_...", PRIVATE_KEY).replace("whpk_...", PUBLIC_KEY)
        assert read_document(text.encode(), Webhooks).evidence_keys
