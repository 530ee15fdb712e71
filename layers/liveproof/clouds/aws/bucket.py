"""The Bucket port on S3."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.signature import presign_put
from liveproof.domain.verification import Proof
from liveproof.ports import (
    ObjectMissing,
    ObjectReplaced,
    ObjectUnreadable,
    PresignedUpload,
    StoredObject,
)

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_PORT_ERRORS: dict[str, type[Exception]] = {
    "404": ObjectMissing,
    "NoSuchKey": ObjectMissing,
    "PreconditionFailed": ObjectReplaced,
    # Archived, by a storage class or a lifecycle rule.
    "InvalidObjectState": ObjectUnreadable,
    # Encrypted with a key that its uploader keeps (SSE-C): nothing else of this GET can be invalid.
    "InvalidRequest": ObjectUnreadable,
}
"""S3's codes that mean more than a failed attempt.
Source: S3 API reference, GetObject and "Error responses"."""


class S3Stream:
    """An object's bytes from S3.

    Attributes:
        version: always None. If-Match holds a read to the proven object in a bucket with versions,
            too; a read by version would need another permission.
    """

    version: str | None = None

    def __init__(
        self, body: StreamingBody, size: int, etag: str, content_encoding: str | None = None
    ) -> None:
        self._body = body
        self.size = size
        self.etag = etag
        self.content_encoding = content_encoding

    def read(self, amount: int = -1) -> bytes:
        return self._body.read(amount if amount >= 0 else None)

    def __enter__(self) -> StoredObject:
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

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        extra: dict[str, Any] = {}
        if proof is not None and proof.etag:
            extra["IfMatch"] = f'"{proof.etag}"'
        with _port_errors(self._clients.s3):
            response = self._clients.s3.get_object(Bucket=self._name, Key=key, **extra)
        return S3Stream(
            response["Body"],
            response["ContentLength"],
            response.get("ETag", "").strip('"'),
            response.get("ContentEncoding") or None,
        )

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._clients.s3.put_object(Bucket=self._name, Key=key, Body=body, ContentType=content_type)

    def _base_url(self) -> str:
        # AWS_ENDPOINT_URL is the SDKs' standard variable for another S3; such are path style.
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:
            return f"{endpoint.rstrip('/')}/{self._name}"
        return f"https://{self._name}.s3.{self._region}.amazonaws.com"


@contextmanager
def _port_errors(s3: S3Client) -> Iterator[None]:
    """S3's refusals that are about the object, as the port's exceptions."""
    try:
        yield
    except s3.exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code not in _PORT_ERRORS:
            raise
        raise _PORT_ERRORS[code]() from None
