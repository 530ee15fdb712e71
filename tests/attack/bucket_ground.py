"""What an app has: its own verification with upload URLs; and a look into the bucket."""

from __future__ import annotations

import base64
import hashlib
import http.client
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from liveproof_emulator import testing
from liveproof_emulator.cos import v5_signature
from liveproof_emulator.keys import Key
from tests.attack.wire import Request
from tests.support.api import Api
from tools import http_client
from tools.demo import samples
from tools.demo.samples import Sample
from tools.local.aws import deployment as aws
from tools.local.cloud import LocalCloud
from tools.local.tencent import deployment as tencent
from tools.local.tencent.names import bucket_host

_KEPT = (
    "content-encoding", "cache-control", "content-disposition", "content-language", "expires",
)  # fmt: skip
_SPECIAL = (
    "-meta-", "storage-class", "website-redirect", "tagging", "grant", "-acl",
    "encryption-customer", "object-lock",
)  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """An object. `added`: what it carries beside its bytes and its type, as `name=value`."""

    body: bytes
    added: tuple[str, ...]


@dataclass
class Upload:
    """One input's upload before the app makes it, with the file and with another of its length."""

    verification: str
    request: Request
    declared: bytes
    other: bytes
    key: str


class Refused(Exception):
    """The bucket refused what the account's own key asked for."""


@dataclass
class Ground:
    """The bucket of one local cloud."""

    cloud: LocalCloud
    api: Api
    nonce: random.Random = field(default_factory=random.Random)
    _film: Sample | None = None

    @property
    def aws(self) -> bool:
        return self.cloud.name == "aws"

    @property
    def once(self) -> tuple[str, str]:
        """The signed header that forbids to overwrite."""
        return ("If-None-Match", "*") if self.aws else ("x-cos-forbid-overwrite", "true")

    def files(self, scenario: str | None = None) -> dict[str, Sample]:
        """A photo, and a film whose outcome `scenario` chooses."""
        if self._film is None:
            self._film = samples.video(None, self.nonce)
        mark = b"\nnonce: " + self.nonce.randbytes(8).hex().encode()
        film = Sample(self._film.data + mark + samples.trailer(scenario), "video/mp4")
        return {"image": Sample(testing.photo() + mark, "image/jpeg"), "video": film}

    def create(self, files: Mapping[str, Sample], **body: Any) -> dict[str, Any]:
        inputs = {name: sample.declaration() for name, sample in files.items()}
        return self.api.create({"check": "video", "inputs": inputs, **body})

    def upload(self, **body: Any) -> Upload:
        """The image's upload of a new verification; its film never comes, so nothing is called."""
        files = self.files()
        return self.upload_of(self.create(files, **body), files)

    def upload_of(self, created: Mapping[str, Any], files: Mapping[str, Sample]) -> Upload:
        """The image's upload of a verification."""
        upload = created["uploads"]["image"]
        data = files["image"].data
        request = Request.of(upload["method"], upload["url"])
        request.headers += list(upload["headers"].items())
        request.body = data
        other = data[:-40] + bytes(reversed(data[-40:]))
        path = unquote(urlsplit(upload["url"]).path)
        return Upload(created["id"], request, data, other, path[path.index("uploads/") :])

    def stored(self, key: str) -> Stored | None:
        """The object, as somebody sees it who may read the bucket; None without one."""
        return self._on_aws(key) if self.aws else self._on_tencent(key)

    def replace(self, key: str, body: bytes, **headers: str) -> None:
        """What only somebody can do who may write the bucket: other bytes under the same key.

        Args:
            headers: more headers of the PUT, `_` for `-`.

        Raises:
            Refused: the bucket does not let even the account do that.
        """
        if self.aws:
            deployment = aws.of(self.cloud)
            s3 = deployment.aws.client("s3")
            bucket = deployment.outputs["BucketName"]
            s3.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType="image/jpeg",
                **({"StorageClass": headers["storage_class"]} if headers else {}),
            )  # fmt: skip
            return
        headers_sent = {
            "Content-Length": str(len(body)),
            "Content-MD5": base64.b64encode(
                hashlib.md5(body, usedforsecurity=False).digest()
            ).decode(),
            "Content-Type": "image/jpeg",
        }
        headers_sent |= {
            f"x-cos-{name.replace('_', '-')}": value for name, value in headers.items()
        }
        url, signed = self._signed_whole("PUT", key, headers_sent)
        answer = http_client.request("PUT", url, {**headers_sent, "Authorization": signed}, body)
        if answer.status != 200:
            raise Refused(answer.body.decode("utf-8", "replace"))

    def seen(self, verification: str) -> dict[str, Any]:
        return self.api.read(verification)

    def wait_for(self, verification: str, seconds: float, **expected: Any) -> dict[str, Any]:
        """The verification once its fields are so, or as it is after `seconds`."""
        ends = time.monotonic() + seconds
        while True:
            seen = self.seen(verification)
            if all(seen.get(name) == value for name, value in expected.items()):
                return seen
            if time.monotonic() > ends:
                return seen
            time.sleep(0.2)

    def wait_for_input(self, verification: str, seconds: float = 20) -> str:
        """The image's state once something was made of the upload."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            state = str(self.seen(verification)["inputs"]["image"]["state"])
            if state != "missing":
                return state
            time.sleep(0.2)
        return "missing"

    def paid_calls(self) -> int:
        """How many calls of `video`'s API the vendor got."""
        actions = [call["action"] for call in self.cloud.emulator.calls()]
        return actions.count("VideoLivenessCompare")

    def _on_aws(self, key: str) -> Stored | None:
        deployment = aws.of(self.cloud)
        s3, bucket = deployment.aws.client("s3"), deployment.outputs["BucketName"]
        try:
            head = s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            return None
        fields = head["ResponseMetadata"]["HTTPHeaders"]
        try:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            body = str(error).encode()
        return Stored(body, _added(fields))

    def _on_tencent(self, key: str) -> Stored | None:
        request = Request.of("GET", self._signed("GET", key))
        connection = http.client.HTTPConnection(request.host, request.port, timeout=20)
        try:
            connection.request("GET", request.target, headers={"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            body, fields = answer.read(), {n.lower(): v for n, v in answer.getheaders()}
        finally:
            connection.close()
        if answer.status == 404:
            return None
        return Stored(body, _added(fields))

    def _signed_whole(self, method: str, key: str, headers: Mapping[str, str]) -> tuple[str, str]:
        """The URL of an object, and the account's Authorization for it that signs every header."""
        url = urlsplit(self._signed(method, key))
        account = self.cloud.emulator
        now = int(time.time())
        time_of_key = f"{now - 60};{now + 60}"
        lower = {"host": url.netloc} | {name.lower(): value for name, value in headers.items()}
        signature = v5_signature.signature(
            account.secret_key, method, f"/{key}", lower, {}, time_of_key
        )
        names = ";".join(sorted(lower))
        values = ("sha1", account.secret_id, time_of_key, time_of_key, names, "", signature)
        signed = "&".join(
            f"{name}={value}" for name, value in zip(v5_signature.FIELDS, values, strict=True)
        )
        return f"{url.scheme}://{url.netloc}{url.path}", signed

    def _signed(self, method: str, key: str) -> str:
        vendor = self.cloud.emulator
        account = Key(vendor.secret_id, vendor.secret_key)
        deployment = tencent.of(self.cloud)
        host = bucket_host(deployment.region)
        now = int(time.time())
        return v5_signature.presign(account, method, vendor.url, host, key, now - 60, now + 60)


def _added(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The headers of an object that say more than its bytes: what the uploader added."""
    headers = []
    for name, value in sorted(fields.items()):
        lower = name.lower()
        special = lower.startswith(("x-amz-", "x-cos-")) and any(one in lower for one in _SPECIAL)
        if lower in _KEPT or special:
            headers.append(f"{lower}={value}")
    return tuple(headers)


@contextmanager
def standing(cloud: LocalCloud | None) -> Iterator[Ground]:
    """The ground of a running local cloud."""
    assert cloud is not None
    yield Ground(cloud, Api(cloud.api, cloud.api_key, 120))
