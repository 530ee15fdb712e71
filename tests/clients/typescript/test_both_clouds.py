"""The package @liveproof/client against both local clouds, as its users install it."""

from __future__ import annotations

import json
import random
import shutil
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from liveproof.clouds.aws.signature import Credentials, presign
from liveproof.clouds.tencent.signature import presign_url
from liveproof.secret_documents import VendorKey
from tests.acceptance.client import Client
from tests.support import typescript
from tests.support.servers import listens
from tools.demo.samples import Sample
from tools.http_client import request
from tools.local.aws import deployment as aws
from tools.local.cloud import LocalCloud
from tools.packaging.node import choose
from tools.processes import Child, clean_environment, free_port, wait_until

HERE = Path(__file__).parent
EXAMPLES = typescript.FOLDER / "examples"
_HOUR_MS = 3_600_000


@pytest.fixture
def client(local_cloud: LocalCloud) -> Client:
    local_cloud.require_running()
    local_cloud.emulator.reset()
    return Client(local_cloud, random.Random())


@pytest.fixture
def photo(client: Client, tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(client.files(check="photo")["image"].data)
    return path


def expired(cloud: LocalCloud, upload: Mapping[str, Any]) -> dict[str, Any]:
    """The same upload by a URL that was good an hour ago."""
    now, headers = int(time.time() * 1000) - _HOUR_MS, upload["headers"]
    parts = urlsplit(upload["url"])
    path = unquote(parts.path).lstrip("/")
    before, key = path.split("uploads/", 1)
    base = f"{parts.scheme}://{parts.netloc}/{before}".rstrip("/")
    key = f"uploads/{key}"
    if cloud.name == "aws":
        local = aws.of(cloud).aws
        names = local.credentials()
        secret = Credentials(names["AWS_ACCESS_KEY_ID"], names["AWS_SECRET_ACCESS_KEY"], None)
        url = presign("PUT", base, key, headers, secret, names["AWS_DEFAULT_REGION"], now, 900)
    else:
        account = VendorKey(cloud.emulator.secret_id, cloud.emulator.secret_key)
        url = presign_url("PUT", base, key, headers, account, now, now + 900_000)
    return {**upload, "url": url}


def test_a_server_and_an_app_go_every_way_with_it(client: Client, photo: Path, app: Path) -> None:
    data = photo.read_bytes()
    other = photo.with_name("other.jpg")
    other.write_bytes(bytes(reversed(data)))
    created = client.create({"image": Sample(data, "image/jpeg")}, "photo")
    plan = {
        "api": client.cloud.api,
        "key": client.cloud.api_key,
        "photo": str(photo),
        "other": str(other),
        "expired": {
            "id": created["id"],
            "upload": expired(client.cloud, created["uploads"]["image"]),
        },
    }
    shutil.copy(HERE / "real_path.mjs", app)
    stories = json.loads(typescript.node("real_path.mjs", folder=app, stdin=json.dumps(plan)))
    assert stories.pop("webhooks") == {"accepted": True, "state": "well", "keys": True}
    assert stories == {
        "whole": {"decision": "passed", "sent": 1, "found": 1, "status": "erasing"},
        "lost_answer": {"attempts": 1, "alreadyThere": True},
        "other_bytes": {"code": "file_changed", "storageCode": "BadDigest", "attempts": 1},
        "other_headers": {"code": "headers_changed", "storageCode": "SignatureDoesNotMatch"},
        "expired_url": {
            "code": "url_expired",
            "storageCode": "AccessDenied",
            "attempts": 2,
            "alreadyThere": False,
        },
        "aborted": {"code": "aborted", "then": "missing"},
        "refused_request": {
            "code": "invalid_request",
            "field": "inputs.image.size",
            "status": 400,
        },
        "same_key": {"same": True},
    }


def test_the_example_for_node_goes_from_the_file_to_the_decision(
    client: Client, photo: Path, app: Path
) -> None:
    shutil.copy(EXAMPLES / "upload.mjs", app)
    variables = {"LIVEPROOF_API": client.cloud.api, "LIVEPROOF_API_KEY": client.cloud.api_key}
    printed = typescript.node("upload.mjs", photo, folder=app, variables=variables)
    assert printed == "passed photo_of_live_person\n"


def test_the_examples_of_a_server_and_an_app_work_together(
    client: Client, photo: Path, app: Path, tmp_path: Path
) -> None:
    for name in (EXAMPLES / "server.mjs", EXAMPLES / "app.js", HERE / "app_in_node.mjs"):
        shutil.copy(name, app)
    with example_server(client, app, tmp_path / "server.log") as (url, log):
        shown = json.loads(typescript.node("app_in_node.mjs", url, photo, folder=app))
        assert shown == {
            "text": "Thank you. We are checking your photo.",
            "progress": 1,
            "heic": "Please choose a JPEG or PNG of less than 3.75 MiB.",
        }
        (newest,) = client.api.newest(1)["verifications"]
        assert client.outcome(newest["id"])["decision"] == "passed"
        (webhook,) = client.cloud.receiver.of(newest["id"])
        body = webhook.body.encode()
        signed = {
            name: value for name, value in webhook.headers.items() if "webhook-" in name.lower()
        }
        headers = {**signed, "Content-Length": str(len(body))}
        changed = body.replace(b'"passed"', b'"failed"')
        assert request("POST", f"{url}/webhooks", headers, changed).status == 400
        assert request("POST", f"{url}/webhooks", headers, body).status == 200
        deadline = time.monotonic() + 30
        while f"verification.passed {newest['id']}\n" not in log.read_text(encoding="utf-8"):
            assert wait_until(deadline), log.read_text(encoding="utf-8")


def test_the_example_of_a_server_survives_strangers(
    client: Client, app: Path, tmp_path: Path
) -> None:
    shutil.copy(EXAMPLES / "server.mjs", app)
    post = "POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
    with example_server(client, app, tmp_path / "server.log") as (url, log):
        address = ("127.0.0.1", urlsplit(url).port or 0)
        for sent, answer in (
            (b"GET // HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400"),
            (post.encode() + b"x" * 100_000, b"HTTP/1.1 400"),  # more than any webhook has
        ):
            with socket.create_connection(address, timeout=60) as connection:
                connection.sendall(sent)
                with suppress(ConnectionResetError):
                    assert connection.recv(12) in (answer, b"")
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(post.encode() + b"and leaves")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert request("GET", f"{url}/nothing").status == 400
        assert log.read_text(encoding="utf-8") == ""


@contextmanager
def example_server(client: Client, app: Path, log: Path) -> Iterator[tuple[str, Path]]:
    """The address of examples/server.mjs, and its log."""
    port = free_port()
    variables = {
        "LIVEPROOF_API": client.cloud.api,
        "LIVEPROOF_API_KEY": client.cloud.api_key,
        "WEBHOOK_SECRET": client.cloud.webhook_secret,
        "PORT": str(port),
    }
    command: list[str | Path] = [choose().folder / "node", "server.mjs"]
    with Child("server.mjs", command, log, clean_environment(variables), app, grace=0) as child:
        deadline = time.monotonic() + 60
        while not listens(port):
            child.require_running()
            assert wait_until(deadline), log.read_text(encoding="utf-8")
        yield f"http://127.0.0.1:{port}", log
