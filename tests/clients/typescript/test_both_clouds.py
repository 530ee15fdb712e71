"""The package @liveproof/client against both local clouds, as its users install it."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from liveproof.clouds.aws.signature import Credentials, presign
from liveproof.clouds.tencent.signature import presign_url
from liveproof.secret_documents import VendorKey
from tests.acceptance.client import Client
from tests.support import typescript
from tools.demo.samples import Sample
from tools.local.aws import deployment as aws
from tools.local.cloud import LocalCloud

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
    stories = json.loads(typescript.node("real_path.mjs", folder=app, given=json.dumps(plan)))
    assert stories.pop("webhooks") == {"accepted": True, "state": "well", "keys": True}
    assert stories == {
        "whole": {"decision": "passed", "sent": 1, "found": 1, "status": "erasing"},
        "lost_answer": {"attempts": 1, "alreadyThere": True},
        "other_bytes": {"code": "file_changed", "storageCode": "BadDigest", "then": "proven"},
        "other_headers": {"code": "headers_changed", "storageCode": "SignatureDoesNotMatch"},
        "expired_url": {
            "code": "url_expired",
            "storageCode": "AccessDenied",
            "attempts": 2,
            "then": "proven",
        },
        "aborted": {"code": "aborted", "then": "missing"},
        "refused_request": {
            "code": "invalid_request",
            "field": "inputs.image.size",
            "status": 400,
        },
        "same_key": {"same": True},
    }
