"""The Bucket port on S3."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from liveproof.bucket_versions import ObjectVersion
from liveproof.clouds.aws.api import retry
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused, AwsUnanswered
from liveproof.clouds.aws.signature import object_url, presign
from liveproof.clouds.object_stream import object_stream
from liveproof.domain.verification import Proof
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.response import Response
from liveproof.ports import (
    ObjectMissing,
    ObjectReplaced,
    ObjectUnreadable,
    PresignedUpload,
    StoredObject,
)

_PORT_ERRORS: dict[str, type[Exception]] = {
    "NoSuchKey": ObjectMissing,
    "PreconditionFailed": ObjectReplaced,
    # Archived, by a storage class or a lifecycle rule.
    "InvalidObjectState": ObjectUnreadable,
    # Encrypted with a key that its uploader keeps (SSE-C): nothing else of this GET can be invalid.
    "InvalidRequest": ObjectUnreadable,
}
"""S3's codes that mean more than a failed attempt.
Source: S3 API reference, GetObject and "Error responses"."""


_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")
_ERROR_BYTES = 4096
_MAX_LIST_BYTES = 2_000_000
"""A page has a thousand keys at most."""
_IDLE_SECONDS = 10.0
_TOTAL_SECONDS = 60.0
"""For one attempt with its whole answer: the largest film takes a few seconds."""


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
        url = self._presigned("PUT", key, headers, now, expires_at)
        return PresignedUpload("PUT", url, headers, expires_at)

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        """See `Bucket`. There is no version, as in `open`."""
        return self._presigned("GET", key, {}, now, expires_at)

    def _presigned(
        self, method: str, key: str, headers: dict[str, str], now: int, expires_at: int
    ) -> str:
        return presign(
            method,
            self._clients.bucket_url(self._name),
            key,
            headers,
            self._clients.credentials(),
            self._region,
            now,
            max(1, (expires_at - now) // 1000),
        )

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        """See `Bucket`. There is no version: a read by version would need another permission.

        If-Match holds a read to the proven object in a bucket with versions, too.
        """
        headers = {}
        if proof is not None and proof.etag:
            headers["If-Match"] = f'"{proof.etag}"'
        try:
            response = self._request("GetObject", "GET", key, headers, b"")
        except AwsRefused as refused:
            if refused.code not in _PORT_ERRORS:
                raise
            raise _PORT_ERRORS[refused.code]() from None
        return object_stream(response, lambda why: AwsUnanswered("GetObject", why, sent=True))

    def put(self, key: str, body: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type}
        self._request("PutObject", "PUT", key, headers, body).close()

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        from liveproof.clouds.object_versions import all_versions  # only one function needs it

        return all_versions(prefix, self._read_list)

    def _read_list(self, parameters: Mapping[str, str]) -> bytes:
        response = self._request("ListObjectVersions", "GET", "", {}, b"", parameters)
        with response:
            return response.whole(_MAX_LIST_BYTES)

    def delete(self, version: ObjectVersion) -> None:
        # S3 says `null` where there are no versions, and takes it everywhere.
        parameters = {"versionId": version.version or "null"}
        self._request("DeleteObject", "DELETE", version.key, {}, b"", parameters).close()

    def _request(
        self,
        operation: str,
        method: str,
        key: str,
        headers: dict[str, str],
        body: bytes,
        parameters: Mapping[str, str] | None = None,
    ) -> Response:
        """A successful answer, its body unread. Raises AwsError.

        Args:
            parameters: of the query, in the order of their names.
        """
        url = object_url(self._clients.bucket_url(self._name), key)
        if parameters:
            url = f"{url}?{urlencode(parameters, quote_via=quote, safe='-_.~')}"

        def attempt() -> Response:
            response = self._clients.s3.send(
                operation, method, url, headers, body,
                total_seconds=_TOTAL_SECONDS, idle_seconds=_IDLE_SECONDS,
            )  # fmt: skip
            if response.status in (200, 204):
                return response
            raise AwsRefused(operation, response.status, _error_code(response))

        return retry(attempt)


def _error_code(response: Response) -> str:
    """The code in S3's error document, else the status; closes the response."""
    try:
        match = _CODE.search(response.read(_ERROR_BYTES))
    except ExchangeFailed:
        match = None
    finally:
        response.close()
    return match[1].decode() if match else str(response.status)
