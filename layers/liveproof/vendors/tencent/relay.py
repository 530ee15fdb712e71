"""Bringing files to the vendor's storage and back, in the pinned region.

The vendor reads its inputs from COS in the region of the call. From another cloud, CreateUploadUrl
gives a place for them: two hours, one object per URL, no way to delete earlier.
"""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.urls import Target, parse_target
from liveproof.ports import ObjectStream, Source
from liveproof.side_by_side import both
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi

if TYPE_CHECKING:
    from liveproof.outbound.deadline import Deadline
    from liveproof.outbound.response import Response

_SERVICE, _VERSION = "faceid", "2018-03-01"
_CONNECT_SECONDS = 5.0


class _Place(NamedTuple):
    """Where a file is brought to, and where the vendor reads it."""

    upload_to: Target
    resource_url: str


class Relay:
    """The vendor's upload storage, reached through one `TencentApi`."""

    relays = True

    def __init__(self, api: TencentApi) -> None:
        self._api = api

    def url_for(self, target_action: str, source: Source, timeout: float) -> str:
        """Bring a proven file to the vendor. See `FileAccess` and `upload`.

        The vendor is asked for a place while the bucket is asked for the file.
        """
        from liveproof.outbound.deadline import Deadline

        deadline = Deadline(timeout)
        with ExitStack() as opened:
            stream, place = both(
                lambda: opened.enter_context(source.open()),
                lambda: self._ask_for_place(target_action, timeout),
            )
            return self._put(place, stream, source.md5, deadline)

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
        from liveproof.outbound.deadline import Deadline

        deadline = Deadline(timeout)
        place = self._ask_for_place(target_action, timeout)
        return self._put(place, stream, md5, deadline)

    def _ask_for_place(self, target_action: str, timeout: float) -> _Place:
        """Raises VendorRefused, NotSent, OutcomeUnknown, RelayFailed."""
        urls = self._api.ask(
            _SERVICE, _VERSION, "CreateUploadUrl", {"TargetAction": target_action}, timeout
        )
        upload_url, resource_url = urls.get("UploadUrl"), urls.get("ResourceUrl")
        if not isinstance(upload_url, str) or not isinstance(resource_url, str):
            raise RelayFailed("CreateUploadUrl gave no URLs")
        self._in_region(resource_url)
        return _Place(self._in_region(upload_url), resource_url)

    def _put(self, place: _Place, stream: ObjectStream, md5: str, deadline: Deadline) -> str:
        """The URL under which the vendor may read the file. Raises RelayFailed."""
        headers = {
            "Content-Length": str(stream.size),
            "Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode("ascii"),
            "Content-Type": "application/octet-stream",
        }
        try:
            with self._request("PUT", place.upload_to, headers, stream, deadline) as response:
                status = response.status
        except ExchangeFailed as failed:
            raise RelayFailed(f"the upload failed: {failed.why}") from None
        if status != 200:
            raise RelayFailed(f"the vendor's storage answered {status} to the upload")
        return place.resource_url

    def download(self, url: str, md5: str, max_bytes: int, timeout: float) -> bytes:
        """Fetch a file that the vendor made and prove its MD5.

        Raises:
            RelayFailed: not there, empty, too large, not the promised bytes, or in another region.
        """
        from liveproof.outbound.deadline import Deadline

        target = self._in_region(url)
        try:
            with self._request("GET", target, {}, None, Deadline(timeout)) as response:
                if response.status != 200:
                    raise RelayFailed(
                        f"the vendor's storage answered {response.status} to the download"
                    )
                body = response.whole(max_bytes)
        except ExchangeFailed as failed:
            raise RelayFailed(f"the download failed: {failed.why}") from None
        if not body:
            raise RelayFailed("the download is empty")
        if hashlib.md5(body, usedforsecurity=False).hexdigest() != md5.lower():
            raise RelayFailed("the downloaded bytes do not have the promised MD5")
        return body

    def _request(
        self,
        method: str,
        target: Target,
        headers: dict[str, str],
        body: ObjectStream | None,
        deadline: Deadline,
    ) -> Response:
        from liveproof.outbound.exchange import exchange

        return exchange(
            method,
            target,
            headers,
            body,
            deadline=deadline,
            connect_seconds=_CONNECT_SECONDS,
        )

    def _in_region(self, url: str) -> Target:
        """Where to send: COS in the pinned region over https, or the endpoint's own server.

        The second is a local vendor, whose paths name the bucket in that form.

        Raises:
            RelayFailed: it is elsewhere, or not a URL that can be read in one way only.
        """
        region_host = f".cos.{self._api.region}.myqcloud.com"
        outside = RelayFailed(f"the vendor gave a URL outside {self._api.region}")
        try:
            target = parse_target(url)
        except ValueError:
            raise outside from None
        origin = target.origin
        if origin == self._api.origin:
            names = target.path.partition("?")[0].split("/")[:-1]
        else:
            names = [origin.host] if origin.tls and origin.port == 443 else []
        bucket = re.compile(rf"[a-z0-9-]+{re.escape(region_host)}")
        if not any(bucket.fullmatch(name) for name in names):
            raise outside
        return target
