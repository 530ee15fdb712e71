"""`liveproof secrets check FILE`: what the functions would refuse, before it is put."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Liveproof

WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"canary" * 5).decode()
ENDPOINT = {"url": "https://shop.example/hook", "secrets": [WEBHOOK_SECRET]}
DOCUMENTS: dict[str, Any] = {
    "api-keys": {"clients": {"shop": {"keys_sha256": ["a" * 64]}}},
    "webhooks": {"endpoints": {"shop": ENDPOINT}},
    "vendor-key": {"secret_id": "AKID", "secret_key": "canary"},
    "senseid-key": {"key": "k" * 32, "iv": "i" * 12},
    "database": {"user": "u", "password": "canary"},
}


def write(folder: Path, document: Any, name: str = "document.json") -> str:
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document))
    return str(folder / name)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_that_the_functions_take_is_fine_as_what_it_is(
    liveproof: Liveproof, tmp_path: Path, kind: str
) -> None:
    file = write(tmp_path, DOCUMENTS[kind])

    done = liveproof("secrets", "check", file)
    assert (done.status, done.err) == (0, "")
    assert f"fine as {kind}" in done.out
    assert "canary" not in done.out
    done = liveproof("secrets", "check", file, "--json")
    assert json.loads(done.out) == {"file": file, "kind": kind, "refused": None}


def test_a_file_whose_name_is_no_text_is_named_in_json_that_every_program_reads(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    file = write(tmp_path, DOCUMENTS["api-keys"], "of the shop \udcff.json")

    done = liveproof("secrets", "check", file, "--json")

    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out.encode())["file"] == file


@pytest.mark.parametrize(
    ("document", "name", "message"),
    [
        (
            {"clients": {"shop": {"keys_sha256": ["a" * 64], "treshold": {}}}},
            "x.json",
            "api-keys): clients.shop.treshold: there is no such field",
        ),
        (
            {"endpoints": {"shop": {**ENDPOINT, "secrets": ["whsec_canary"]}}},
            "x.json",
            "webhooks): endpoints.shop.secrets[0]: a webhook secret",
        ),
        # The file's name tells what the fields do not.
        ({"endpoint": {}}, "webhooks.json", "webhooks): endpoint: there is no such field"),
        ("canary", "vendor-key.json", "vendor-key): is not JSON"),
    ],
)
def test_a_mistake_is_named_by_client_and_field_and_never_shown(
    liveproof: Liveproof, tmp_path: Path, document: Any, name: str, message: str
) -> None:
    file = write(tmp_path, document, name)

    done = liveproof("secrets", "check", file)
    assert (done.status, done.out) == (1, "")
    assert message in done.err
    assert "canary" not in done.err
    done = liveproof("secrets", "check", file, "--json")
    assert done.status == 1
    assert message in json.loads(done.out)["refused"]


def test_a_document_of_which_nothing_tells_what_it_is_needs_its_kind(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    file = write(tmp_path, {"x": 1})

    done = liveproof("secrets", "check", file)
    assert done.status == 2
    assert "--kind api-keys|webhooks|vendor-key|senseid-key|database" in done.err
    done = liveproof("secrets", "check", file, "--kind", "webhooks")
    assert done.status == 1
    assert "x: there is no such field" in done.err


def test_a_file_that_cannot_be_read_is_named(liveproof: Liveproof, tmp_path: Path) -> None:
    done = liveproof("secrets", "check", str(tmp_path / "none.json"))

    assert done.status == 1
    assert "none.json: No such file" in done.err


def test_standard_input_is_read(liveproof: Liveproof, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(json.dumps(DOCUMENTS["webhooks"]).encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    done = liveproof("secrets", "check", "-")

    assert (done.status, done.out) == (0, "-: fine as webhooks; endpoints of: shop\n")
