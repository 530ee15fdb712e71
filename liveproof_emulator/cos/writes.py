"""Writing: PUT, copy and DELETE of an object.

Source: COS documentation, PUT Object (436/7749), PUT Object - Copy (436/10881), versions
(436/19883). In a bucket that ever had versions `x-cos-forbid-overwrite` has no effect.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from liveproof_emulator.cos import bodies, customer_keys, events, reads
from liveproof_emulator.cos.access import Access, is_vendors
from liveproof_emulator.cos.address import bucket_host
from liveproof_emulator.cos.buckets import Buckets
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.notifications import Notifications
from liveproof_emulator.cos.request import StorageRequest
from liveproof_emulator.cos.store import Store, Stored, version_of
from liveproof_emulator.facts import COMMON, COS
from liveproof_emulator.keys import Key
from liveproof_emulator.replies import Reply
from liveproof_emulator.state import State

_COPY = "x-cos-copy-source"
_META = "x-cos-meta-"
_EVERYBODY = "anyone"


class Writes:
    """Puts, copies and deletes objects, and notifies of new ones."""

    def __init__(
        self,
        state: State,
        store: Store,
        buckets: Buckets,
        notifications: Notifications,
        access: Access,
    ) -> None:
        self._state = state
        self._store = store
        self._buckets = buckets
        self._notifications = notifications
        self._access = access

    def put(self, request: StorageRequest, key: Key | None, body: bytes, request_id: str) -> Reply:
        """A new object from the body, or from another object."""
        verify_md5(request.headers.get("content-md5"), body)
        if _COPY in request.headers:
            if body and not self._buckets.of(request.target.host).copies_with_body:
                raise CosError(400, "InvalidArgument", "A copy has no body.")
            stored = self._copy(request, key)
            self._put_new(request, stored, request_id, "Copy")
            headers = _response_headers(stored)
            return Reply(200, bodies.copied(stored), bodies.CONTENT_TYPE, headers)
        stored = self._new_object(
            request, body, _stored_headers(request.headers), _content_type(request.headers)
        )
        self._put_new(request, stored, request_id, "Put")
        headers = {
            "ETag": stored.etag,
            "x-cos-hash-crc64ecma": stored.crc64,
            **_response_headers(stored),
        }
        return Reply(200, b"", bodies.CONTENT_TYPE, headers)

    def delete(self, request: StorageRequest) -> Reply:
        """Delete an object, or in a bucket with versions leave a mark instead."""
        host, key, store = request.target.host, request.target.key, self._store
        versioning = self._buckets.of(host).versioning
        if "versionid" in request.params:
            store.delete(host, key, version_of(request.params["versionid"]))
            headers = {"x-cos-version-id": request.params["versionid"]}
            return Reply(204, b"", bodies.CONTENT_TYPE, headers)
        if not versioning:
            store.delete(host, key)
            return Reply(204, b"", bodies.CONTENT_TYPE)
        version = _new_version() if versioning == "Enabled" else ""
        mark = Stored(b"", "", self._state.clock.now(), version=version, deleted=True)
        store.put(host, key, mark)
        headers = {"x-cos-delete-marker": "true", **_response_headers(mark)}
        return Reply(204, b"", bodies.CONTENT_TYPE, headers)

    def _put_new(self, request: StorageRequest, stored: Stored, request_id: str, how: str) -> None:
        """Store an object and notify. Nothing is awaited here, so of two requests that forbid
        overwriting one wins."""
        target = request.target
        forbid_overwrite = request.headers.get("x-cos-forbid-overwrite", "").lower() == "true"
        if forbid_overwrite and not self._buckets.of(target.host).versioning:
            existing = self._store.get(target.host, target.key, stored.created_at)
            if existing is not None:
                raise CosError(409, "FileAlreadyExists", "The object is there already.")
        self._store.put(target.host, target.key, stored)
        if self._notifications.is_subscribed(target.host):
            event = events.object_created(
                target, stored, request_id, request.caller, request.authorization, how
            )
            self._notifications.send(target.host, event, self._state.log)

    def _new_object(
        self, request: StorageRequest, body: bytes, headers: Mapping[str, str], kind: str
    ) -> Stored:
        now = self._state.clock.now()
        until = now + COMMON.number("url_lifetime_seconds") if is_vendors(request.target) else None
        storage_class = request.headers.get("x-cos-storage-class", "STANDARD")
        if storage_class not in COS.texts("storage_classes"):
            raise CosError(400, "InvalidArgument", "There is no such storage class.")
        enabled = self._buckets.of(request.target.host).versioning == "Enabled"
        return Stored(
            body,
            kind,
            now,
            until,
            headers=headers,
            storage_class=storage_class,
            public=_public(request.headers),
            customer_key_md5=customer_keys.key_md5(request.headers),
            version=_new_version() if enabled else "",
        )

    def _copy(self, request: StorageRequest, key: Key | None) -> Stored:
        """The copy. Reading the source needs its own permission, unless it is public."""
        path, _, query = request.headers[_COPY].partition("?")
        name, _, raw_key = path.removeprefix("/").partition("/")
        host, source_key = bucket_host(name), unquote(raw_key)
        if not host or not source_key:
            raise CosError(400, "InvalidArgument", f"{_COPY} is a bucket's host, / and a key.")
        version = parse_qs(query).get("versionId")
        now = self._state.clock.now()
        source = self._store.get(host, source_key, now, version_of(version[0]) if version else None)
        if source is None or source.deleted:
            raise CosError(404, "NoSuchKey", "There is no such source.")
        if not self._access.may_read(key, host, source_key, source):
            raise CosError(403, "AccessDenied", "The key's permissions do not reach the source.")
        if source.storage_class in COS.texts("archive_classes"):
            raise CosError(403, COS.text("archived_code"), "The source has to be restored first.")
        if source.customer_key_md5 is not None:
            raise CosError(501, "NotImplemented", "The emulator copies nothing under SSE-C.")
        reads.check_source(request.headers, source)
        if request.headers.get("x-cos-metadata-directive", "Copy").lower() == "replaced":
            headers = _stored_headers(request.headers)
            return self._new_object(request, source.body, headers, _content_type(request.headers))
        return self._new_object(request, source.body, source.headers, source.content_type)


def verify_md5(declared: str | None, body: bytes) -> None:
    """CosError 400 unless `declared` is the MD5 (base64) of the body, or None."""
    if declared is None:
        return
    try:
        digest = base64.b64decode(declared, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise CosError(400, COS.text("md5_malformed_code"), "Content-MD5 is no MD5.")
    if not hmac.compare_digest(digest, hashlib.md5(body, usedforsecurity=False).digest()):
        raise CosError(400, COS.text("md5_mismatch_code"), "The body has another MD5.")


def _public(headers: Mapping[str, str]) -> bool:
    acl = headers.get("x-cos-acl", "default")
    if acl not in COS.texts("object_acls"):
        raise CosError(400, "InvalidArgument", "There is no such ACL.")
    grants = (headers.get(f"x-cos-grant-{name}", "") for name in ("read", "full-control"))
    return acl == "public-read" or any(_EVERYBODY in grant for grant in grants)


def _stored_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name in reads.STORED_HEADERS or name.startswith(_META)
    }


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "application/octet-stream")


def _response_headers(stored: Stored) -> dict[str, str]:
    headers = customer_keys.response_headers(stored.customer_key_md5)
    return {**headers, "x-cos-version-id": stored.version} if stored.version else headers


def _new_version() -> str:
    return f"MTg0{secrets.token_hex(20)}"
