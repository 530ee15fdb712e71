"""The Bucket port on COS."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from liveproof.bucket_versions import ObjectVersion
from liveproof.clock import now_ms
from liveproof.clouds.object_stream import object_stream
from liveproof.clouds.tencent.signature import object_url, presign_url, sign_headers
from liveproof.domain.verification import Proof
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.urls import parse_target
from liveproof.ports import (
    ObjectMissing,
    ObjectReplaced,
    ObjectUnreadable,
    PresignedUpload,
    StoredObject,
)
from liveproof.secret_documents import VendorKey

if TYPE_CHECKING:
    from liveproof.outbound.connection import Pool
    from liveproof.outbound.response import Response

_VERSION = "x-cos-version-id"
_NULL = "null"
_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")
_ERROR_BYTES = 4096
_MAX_LIST_BYTES = 2_000_000
"""A page has a thousand keys at most."""


class CosTimeouts(NamedTuple):
    """How long to wait for COS, in seconds.

    Attributes:
        connect: for a connection.
        idle: for each next byte.
        total: for a request and its whole response: the largest film takes a few seconds.
        pauses: between the attempts of a request, which are one more than the pauses. Each request
            is safe to retry.
    """

    connect: float = 3
    idle: float = 10
    total: float = 60
    pauses: tuple[float, ...] = (0.1, 0.4)


_DEFAULT_TIMEOUTS = CosTimeouts()


class CosRefused(Exception):
    """COS answered with an error.

    Attributes:
        status: of HTTP.
        code: COS's own; None where the answer has none.
    """

    def __init__(self, method: str, status: int, code: str | None) -> None:
        super().__init__(f"COS answered {status} {code or 'without a code'} to {method}")
        self.status = status
        self.code = code


class CosUnusable(Exception):
    """COS could not be reached, or its response broke off or was malformed; the text says which."""


class CosBucket:
    """One bucket in the deployment's region.

    Args:
        name: with the APPID, such as team-1250000000.
        region: such as ap-singapore.
        endpoint: the bucket's URL; empty for its own domain.
        key: gives the key to sign with; called for each request, since keys rotate.
    """

    def __init__(
        self,
        name: str,
        region: str,
        endpoint: str,
        key: Callable[[], VendorKey],
        timeouts: CosTimeouts = _DEFAULT_TIMEOUTS,
    ) -> None:
        self._base_url = endpoint.rstrip("/") or f"https://{name}.cos.{region}.myqcloud.com"
        self._key = key
        self._timeouts = timeouts

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        headers = {
            "Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode("ascii"),
            "Content-Length": str(size),
            "Content-Type": content_type,
            # COS ignores it in a bucket that has, or had, versions.
            "x-cos-forbid-overwrite": "true",
        }
        url = presign_url("PUT", self._base_url, key, headers, self._key(), now, expires_at)
        return PresignedUpload("PUT", url, headers, expires_at)

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        """A URL to GET the object, or its proven version in a bucket with versions."""
        params = _version_of(proof)
        return presign_url("GET", self._base_url, key, {}, self._key(), now, expires_at, params)

    def require(self, key: str, proof: Proof | None) -> None:
        """Check that the key still holds the proven object, and that a client would read its bytes.

        Raises:
            ObjectMissing, ObjectReplaced, ObjectUnreadable: as `open`. An object with a
                Content-Encoding replaced the proven one: no such object is ever proven.
        """
        response = self._request("HEAD", key, _condition(proof), params=_version_of(proof))
        response.close()
        if response.headers.get("Content-Encoding"):
            raise ObjectReplaced("the object has a Content-Encoding that the proven one had not")

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        response = self._request("GET", key, _condition(proof), params=_version_of(proof))
        return object_stream(response, CosUnusable, response.headers.get(_VERSION))

    def put(self, key: str, body: bytes, content_type: str) -> None:
        md5 = hashlib.md5(body, usedforsecurity=False).digest()
        headers = {
            "Content-MD5": base64.b64encode(md5).decode("ascii"),
            "Content-Length": str(len(body)),
            "Content-Type": content_type,
        }
        self._request("PUT", key, headers, body).close()

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """See `Bucket`. A bucket that has, or had, versions calls one of them `null`."""
        from liveproof.clouds.object_versions import all_versions  # only one function needs it

        versions = list(all_versions(prefix, self._read_list))
        if any(version.version not in (None, _NULL) for version in versions):
            return iter(versions)
        # Whether COS takes `null` where there are no versions is not documented.
        return (version._replace(version=None) for version in versions)

    def _read_list(self, parameters: Mapping[str, str]) -> bytes:
        with self._request("GET", "", {}, params=dict(parameters)) as response:
            return response.whole(_MAX_LIST_BYTES)

    def delete(self, version: ObjectVersion) -> None:
        params = {} if version.version is None else {"versionId": version.version}
        try:
            self._request("DELETE", version.key, {}, params=params).close()
        except ObjectMissing:
            return

    def _request(
        self,
        method: str,
        key: str,
        headers: dict[str, str],
        body: bytes | None = None,
        params: dict[str, str] | None = None,
    ) -> Response:
        """A successful response, its body unread. Retried after a status of 500 or above, or none.

        Raises:
            ObjectMissing: there is no such object.
            ObjectReplaced: the object does not meet the condition.
            ObjectUnreadable: the object can never be read.
            CosRefused: any other status.
            CosUnusable: no usable response.
        """
        for pause in (*self._timeouts.pauses, None):
            try:
                response = self._send(method, key, headers, body, params or {})
            except CosUnusable:
                if pause is None:
                    raise
            else:
                if response.status in (200, 204):
                    return response
                code = _error_code(response)
                if response.status < 500 or pause is None:
                    raise _refusal(method, response.status, code)
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _send(
        self,
        method: str,
        key: str,
        headers: dict[str, str],
        body: bytes | None,
        params: dict[str, str],
    ) -> Response:
        from liveproof.outbound.deadline import Deadline
        from liveproof.outbound.exchange import exchange

        now, secret = now_ms(), self._key()
        try:
            return exchange(
                method,
                parse_target(object_url(self._base_url, key, params)),
                sign_headers(method, self._base_url, key, headers, secret, now, params),
                body,
                deadline=Deadline(self._timeouts.total),
                connect_seconds=self._timeouts.connect,
                idle_seconds=self._timeouts.idle,
                pool=self._pool,
            )
        except ExchangeFailed as failed:
            raise CosUnusable(f"COS did not answer to {method}: {failed.why}") from None

    @cached_property
    def _pool(self) -> Pool:
        from liveproof.outbound.connection import Pool

        return Pool()


def _condition(proof: Proof | None) -> dict[str, str]:
    return {"If-Match": f'"{proof.etag}"'} if proof is not None and proof.etag else {}


def _version_of(proof: Proof | None) -> dict[str, str]:
    return {"versionId": proof.version} if proof is not None and proof.version else {}


def _refusal(method: str, status: int, code: str | None) -> Exception:
    """The port's exception for a response of COS. A response to HEAD has no body, so no code."""
    if status == 404 and code in ("NoSuchKey", "NoSuchVersion", None):
        return ObjectMissing()
    if method in ("GET", "HEAD"):
        if status == 412:
            return ObjectReplaced()
        # Archived (436/7730), or encrypted with a key that its uploader keeps (SSE-C): a request
        # without that key is a 400. What is wrong with our own key or permissions is a 403.
        if code == "InvalidObjectState" or status == 400:
            return ObjectUnreadable()
    return CosRefused(method, status, code)


def _error_code(response: Response) -> str | None:
    """The code in COS's error document; closes the response."""
    try:
        body = response.read(_ERROR_BYTES)
    except ExchangeFailed:
        return None
    finally:
        response.close()
    match = _CODE.search(body)
    return match[1].decode() if match else None
