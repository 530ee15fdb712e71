"""The Bucket port on S3."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.presign import presign_put
from liveproof.ports import ObjectHead, ObjectMissing, ObjectStream, PresignedUpload

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client


class S3Stream:
    """An object's bytes from S3."""

    def __init__(self, body: StreamingBody, size: int) -> None:
        self._body = body
        self.size = size

    def read(self, amount: int = -1) -> bytes:
        return self._body.read(amount if amount >= 0 else None)

    def __enter__(self) -> ObjectStream:
        return self

    def __exit__(self, *exc: object) -> None:
        self._body.close()


class S3Bucket:
    """One bucket in the deployment's region."""

    def __init__(self, clients: Clients, name: str, region: str) -> None:
        self._clients = clients
        self._name = name
        self._region = region

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        headers = {
            "Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode("ascii"),
            "Content-Length": str(size),
            "Content-Type": content_type,
            "If-None-Match": "*",
        }
        url = presign_put(
            self._base_url(),
            key,
            headers,
            self._clients.credentials(),
            self._region,
            now,
            max(1, (expires_at - now) // 1000),
        )
        return PresignedUpload("PUT", url, headers, expires_at)

    def head(self, key: str) -> ObjectHead:
        with _object_missing(self._clients.s3):
            head = self._clients.s3.head_object(Bucket=self._name, Key=key)
        return ObjectHead(head["ContentLength"], head["ETag"].strip('"'))

    def open(self, key: str, first_bytes: int | None = None) -> ObjectStream:
        extra: dict[str, Any] = {}
        if first_bytes is not None:
            extra["Range"] = f"bytes=0-{first_bytes - 1}"
        with _object_missing(self._clients.s3):
            found = self._clients.s3.get_object(Bucket=self._name, Key=key, **extra)
        return S3Stream(found["Body"], found["ContentLength"])

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._clients.s3.put_object(Bucket=self._name, Key=key, Body=body, ContentType=content_type)

    def _base_url(self) -> str:
        # AWS_ENDPOINT_URL is the SDKs' standard variable for another S3; such are path style.
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:
            return f"{endpoint.rstrip('/')}/{self._name}"
        return f"https://{self._name}.s3.{self._region}.amazonaws.com"


@contextmanager
def _object_missing(s3: S3Client) -> Iterator[None]:
    """S3's ways of saying that there is no such object, as ObjectMissing."""
    try:
        yield
    except s3.exceptions.ClientError as error:
        if error.response.get("Error", {}).get("Code") not in ("404", "NoSuchKey"):
            raise
        raise ObjectMissing from None
