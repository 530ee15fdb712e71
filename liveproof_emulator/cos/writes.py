"""Writing an object: put, copied or deleted.

Source: COS documentation, PUT Object (436/7749), PUT Object - Copy (436/10881), versions
(436/19883). In a bucket that ever had versions `x-cos-forbid-overwrite` does nothing.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from liveproof_emulator.api.gateway import World
from liveproof_emulator.cos import bodies, customer_keys, events, reads
from liveproof_emulator.cos.access import Access, is_vendors
from liveproof_emulator.cos.address import bucket_host
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import Asked
from liveproof_emulator.cos.store import Stored, version_named
from liveproof_emulator.facts import COMMON, COS
from liveproof_emulator.keys import Key
from liveproof_emulator.replies import Reply

_COPY = "x-cos-copy-source"
_META = "x-cos-meta-"
_EVERYBODY = "anyone"


class Writes:
    """Puts, copies and deletes, and tells of new objects."""

    def __init__(self, world: World, access: Access) -> None:
        self._world, self._access = world, access

    def put(self, asked: Asked, key: Key | None, body: bytes, request_id: str) -> Reply:
        """A new object from the body, or from another object."""
        prove_md5(asked.headers.get("content-md5"), body)
        if _COPY in asked.headers:
            if body and not self._world.buckets.of(asked.target.host).copies_with_body:
                raise CosError(400, "InvalidArgument", "A copy has no body.")
            stored = self._copy(asked, key)
            self._keep(asked, stored, request_id, "Copy")
            headers = _told(stored)
            return Reply(200, bodies.copied(stored), bodies.CONTENT_TYPE, headers)
        stored = self._made(asked, body, _kept(asked.headers), _type(asked.headers))
        self._keep(asked, stored, request_id, "Put")
        headers = {"ETag": stored.etag, "x-cos-hash-crc64ecma": stored.crc64, **_told(stored)}
        return Reply(200, b"", bodies.CONTENT_TYPE, headers)

    def delete(self, asked: Asked) -> Reply:
        """Delete an object, or in a bucket with versions leave a mark instead."""
        host, key, store = asked.target.host, asked.target.key, self._world.store
        versioning = self._world.buckets.of(host).versioning
        if "versionid" in asked.params:
            store.delete(host, key, version_named(asked.params["versionid"]))
            told = {"x-cos-version-id": asked.params["versionid"]}
            return Reply(204, b"", bodies.CONTENT_TYPE, told)
        if not versioning:
            store.delete(host, key)
            return Reply(204, b"", bodies.CONTENT_TYPE)
        version = _new_version() if versioning == "Enabled" else ""
        mark = Stored(b"", "", self._world.clock.now(), version=version, deleted=True)
        store.put(host, key, mark)
        told = {"x-cos-delete-marker": "true", **_told(mark)}
        return Reply(204, b"", bodies.CONTENT_TYPE, told)

    def _keep(self, asked: Asked, stored: Stored, request_id: str, how: str) -> None:
        """From here on nothing waits, so of two that create once only one does."""
        world, target = self._world, asked.target
        once = asked.headers.get("x-cos-forbid-overwrite", "").lower() == "true"
        if once and not world.buckets.of(target.host).versioning:
            there = world.store.get(target.host, target.key, stored.created_at)
            if there is not None:
                raise CosError(409, "FileAlreadyExists", "The object is there already.")
        world.store.put(target.host, target.key, stored)
        if world.notifications.wanted(target.host):
            event = events.object_created(
                target, stored, request_id, asked.caller, asked.authorization, how
            )
            world.notifications.send(target.host, event, world.log)

    def _made(self, asked: Asked, body: bytes, headers: Mapping[str, str], kind: str) -> Stored:
        now = self._world.clock.now()
        until = now + COMMON.number("url_lifetime_seconds") if is_vendors(asked.target) else None
        storage_class = asked.headers.get("x-cos-storage-class", "STANDARD")
        if storage_class not in COS.texts("storage_classes"):
            raise CosError(400, "InvalidArgument", "There is no such storage class.")
        enabled = self._world.buckets.of(asked.target.host).versioning == "Enabled"
        return Stored(
            body,
            kind,
            now,
            until,
            headers=headers,
            storage_class=storage_class,
            public=_public(asked.headers),
            customer_key_md5=customer_keys.key_md5(asked.headers),
            version=_new_version() if enabled else "",
        )

    def _copy(self, asked: Asked, key: Key | None) -> Stored:
        """The copy. Reading the source needs its own permission, unless it is public."""
        path, _, query = asked.headers[_COPY].partition("?")
        name, _, raw_key = path.removeprefix("/").partition("/")
        host, source_key = bucket_host(name), unquote(raw_key)
        if not host or not source_key:
            raise CosError(400, "InvalidArgument", f"{_COPY} is a bucket's host, / and a key.")
        version = parse_qs(query).get("versionId")
        now = self._world.clock.now()
        source = self._world.store.get(
            host, source_key, now, version_named(version[0]) if version else None
        )
        if source is None or source.deleted:
            raise CosError(404, "NoSuchKey", "There is no such source.")
        if not self._access.may_read(key, host, source_key, source):
            raise CosError(403, "AccessDenied", "The key's permissions do not reach the source.")
        if source.storage_class in COS.texts("archive_classes"):
            raise CosError(403, COS.text("archived_code"), "The source has to be restored first.")
        if source.customer_key_md5 is not None:
            raise CosError(501, "NotImplemented", "The emulator copies nothing under SSE-C.")
        reads.prove_source(asked.headers, source)
        if asked.headers.get("x-cos-metadata-directive", "Copy").lower() == "replaced":
            kept = _kept(asked.headers)
            return self._made(asked, source.body, kept, _type(asked.headers))
        return self._made(asked, source.body, source.headers, source.content_type)


def prove_md5(declared: str | None, body: bytes) -> None:
    """CosError 400 unless `declared` (base64) is the MD5 of the body, or None."""
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
    return acl == "public-read" or any(_EVERYBODY in each for each in grants)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name in reads.KEPT or name.startswith(_META)
    }


def _type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "application/octet-stream")


def _told(stored: Stored) -> dict[str, str]:
    told = customer_keys.told(stored.customer_key_md5)
    return {**told, "x-cos-version-id": stored.version} if stored.version else told


def _new_version() -> str:
    return f"MTg0{secrets.token_hex(20)}"
