"""Bringing files to the vendor's storage and back, in the pinned region.

The vendor reads its inputs from COS in the region of the call. From another cloud, CreateUploadUrl
gives a place for them: two hours, one object per URL, no way to delete earlier.
"""

from __future__ import annotations

import base64
import hashlib
import time
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlsplit

from liveproof.ports import ObjectStream, Source
from liveproof.trust import authorities
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

_SERVICE, _VERSION = "faceid", "2018-03-01"
_CONNECT_TIMEOUT = 5.0
_CHUNK = 64 * 1024


class Relay:
    """The vendor's upload storage, reached through one `TencentApi`."""

    relays = True

    def __init__(self, api: TencentApi) -> None:
        self._api = api

    def url_of(self, target_action: str, source: Source, timeout: float) -> str:
        """Bring a proven file to the vendor. See `VendorFiles` and `upload`."""
        with source.open() as stream:
            return self.upload(target_action, stream, source.md5, timeout)

    def upload(self, target_action: str, stream: ObjectStream, md5: str, timeout: float) -> str:
        """Bring a file to the vendor; the URL under which `target_action` may read it.

        The PUT carries Content-MD5, so the vendor's storage refuses other bytes.

        Args:
            md5: 32 hex digits, already proven.
            timeout: seconds for the whole of it.

        Raises:
            VendorRefused, NotSent, OutcomeUnknown: CreateUploadUrl failed.
            RelayFailed: the bytes did not arrive, or the vendor offered another region.
        """
        deadline = time.monotonic() + timeout
        urls = self._api.ask(
            _SERVICE, _VERSION, "CreateUploadUrl", {"TargetAction": target_action}, timeout
        )
        upload_url, resource_url = urls.get("UploadUrl"), urls.get("ResourceUrl")
        if not isinstance(upload_url, str) or not isinstance(resource_url, str):
            raise RelayFailed("CreateUploadUrl gave no URLs")
        self._require_region(upload_url)
        self._require_region(resource_url)
        headers = {
            "Content-Length": str(stream.size),
            "Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode("ascii"),
            "Content-Type": "application/octet-stream",
        }
        response = self._request("PUT", upload_url, deadline, body=stream, headers=headers)
        try:
            if response.status != 200:
                raise RelayFailed(f"the vendor's storage answered {response.status} to the upload")
        finally:
            response.close()
        return resource_url

    def download(self, url: str, md5: str, max_bytes: int, timeout: float) -> bytes:
        """Fetch a file that the vendor made and prove its MD5.

        Raises:
            RelayFailed: not there, too large, not the promised bytes, or in another region.
        """
        self._require_region(url)
        deadline = time.monotonic() + timeout
        response = self._request("GET", url, deadline, body=None, headers={})
        try:
            if response.status != 200:
                raise RelayFailed(
                    f"the vendor's storage answered {response.status} to the download"
                )
            body = _read_at_most(response, max_bytes, deadline)
        finally:
            response.close()
        if hashlib.md5(body, usedforsecurity=False).hexdigest() != md5.lower():
            raise RelayFailed("the downloaded bytes do not have the promised MD5")
        return body

    def _request(
        self,
        method: str,
        url: str,
        deadline: float,
        *,
        body: ObjectStream | None,
        headers: dict[str, str],
    ) -> BaseHTTPResponse:
        import urllib3

        left = max(0.1, deadline - time.monotonic())
        timeout = urllib3.Timeout(connect=min(_CONNECT_TIMEOUT, left), read=left)
        pool = urllib3.PoolManager(
            num_pools=1, retries=False, timeout=timeout, ca_certs=authorities()
        )
        try:
            return pool.request(
                method,
                url,
                body=cast("IO[bytes] | None", body),
                headers=headers,
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            # urllib3's own text holds the URL with its signature.
            raise RelayFailed(
                f"the vendor's storage did not answer: {type(error).__name__}"
            ) from None

    def _require_region(self, url: str) -> None:
        """Only COS of the pinned region, or the configured endpoint's own path-style buckets."""
        region_host = f".cos.{self._api.region}.myqcloud.com"
        try:
            parts = urlsplit(url)
        except ValueError:
            raise RelayFailed(f"the vendor gave a URL outside {self._api.region}") from None
        if parts.scheme == "https" and (parts.hostname or "").endswith(region_host):
            return
        if parts.netloc == self._api.host and f"{region_host}/" in parts.path:
            return
        raise RelayFailed(f"the vendor gave a URL outside {self._api.region}")


def _read_at_most(response: BaseHTTPResponse, max_bytes: int, deadline: float) -> bytes:
    import urllib3

    body = bytearray()
    try:
        # read1 gives what is there; read would wait for a whole chunk, however slowly it comes.
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > max_bytes:
                raise RelayFailed(f"the download is larger than {max_bytes} bytes")
            if time.monotonic() > deadline:
                raise RelayFailed("the download took too long")
    except urllib3.exceptions.HTTPError as error:
        raise RelayFailed(f"the download broke off: {type(error).__name__}") from None
    return bytes(body)
