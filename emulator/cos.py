"""The storage side: objects and lists with V5 signatures, and who is told of new objects."""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import parse_qsl

from aiohttp import web

from emulator import cosevents, cosv5, cosxml
from emulator.catalogue import Fault
from emulator.clock import iso
from emulator.cosaddress import Target
from emulator.facts import COMMON, COS
from emulator.gateway import World
from emulator.keys import Key
from emulator.store import Stored
from emulator.wire import Reply, deliver

_OBJECT = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
_BUCKET = {"GET": "GetBucket", "HEAD": "HeadBucket"}
OPERATIONS = (*_OBJECT.values(), *_BUCKET.values())

_KEY_TIME = re.compile(r"(\d{1,10});(\d{1,10})\Z", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})\Z", re.ASCII)
# Headers that an object keeps, besides x-cos-meta-*.
_KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_META = "x-cos-meta-"


class CosError(Exception):
    """A refusal, with HTTP status and COS code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


class Cos:
    """Every bucket there could be: the vendor's, and any of the customer's own."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def serve(self, request: web.Request, target: Target) -> web.StreamResponse:
        """One request for an object or a bucket."""
        world = self._world
        request_id = uuid.uuid4().hex
        operation = (_OBJECT if target.key else _BUCKET).get(request.method)
        fault = world.armed.take(operation) if operation is not None else None
        fault = fault if isinstance(fault, Fault) else None
        code = None
        try:
            reply = await self._answer(request, target, operation, fault, request_id)
        except CosError as problem:
            code = problem.code
            body = cosxml.error(code, problem.message, target.key, request_id)
            reply = Reply(problem.status, body, cosxml.CONTENT_TYPE)
        headers = {**reply.headers, "x-cos-request-id": request_id, "Server": "tencent-cos"}
        whole = Reply(reply.status, reply.body, reply.content_type, headers, reply.pace_seconds)
        world.log(
            {
                "at": iso(world.clock.now()),
                "call": operation or "",
                "bucket": target.host,
                "request_id": request_id,
                "fault": fault.name if fault is not None else None,
                "code": code,
                "status": reply.status,
            }
        )
        return await deliver(request, whole, fault, world.stopping)

    async def _answer(
        self,
        request: web.Request,
        target: Target,
        operation: str | None,
        fault: Fault | None,
        request_id: str,
    ) -> Reply:
        body = await _body(request)
        if operation is None:
            raise CosError(405, "MethodNotAllowed", "The emulator does not have this operation.")
        if not target.host:
            raise CosError(404, "NoSuchBucket", "This is no bucket's host.")
        params = self._authorize(request, target, operation)
        if fault is not None and fault.effect == "error":
            raise CosError(503, "SlowDown", "Too many requests.")
        if fault is not None and not fault.executed:
            return Reply(200, b"", cosxml.CONTENT_TYPE)
        if operation == "PutObject":
            return self._put(request, target, body, request_id)
        if operation == "DeleteObject":
            self._world.store.delete(target.host, target.key)
            return Reply(204, b"", cosxml.CONTENT_TYPE)
        if operation == "HeadBucket":
            return Reply(200, b"", cosxml.CONTENT_TYPE)
        if operation == "GetBucket":
            return self._list(target, params)
        stored = self._world.store.get(target.host, target.key, self._world.clock.now())
        if stored is None:
            raise CosError(404, "NoSuchKey", "There is no such object.")
        return _download(request.headers, params, stored)

    def _authorize(self, request: web.Request, target: Target, operation: str) -> dict[str, str]:
        """The query's parameters. CosError 403 unless a key that may do this signed this very
        request, and now."""
        raw_query = request.raw_path.partition("?")[2]
        query = dict(parse_qsl(raw_query, keep_blank_values=True))
        given = cosv5.given_fields(request.headers.get("Authorization"), raw_query)
        if any(name not in given for name in cosv5.FIELDS):
            raise CosError(403, "AccessDenied", "The request is not signed.")
        times = _KEY_TIME.match(given["q-key-time"])
        if given["q-sign-algorithm"] != "sha1" or times is None:
            raise CosError(403, "AccessDenied", "The signature's fields cannot be understood.")
        key = self._key(given["q-ak"], target)
        params = {name: value for name, value in query.items() if name not in cosv5.FIELDS}
        headers = {name.lower(): value for name, value in request.headers.items()}
        if given["q-sign-time"] != given["q-key-time"] or not cosv5.fits(
            given, key, request.method, target.paths, headers, target.hosts, params
        ):
            raise CosError(403, "SignatureDoesNotMatch", "The signature is another request's.")
        if not int(times[1]) <= self._world.clock.now() < int(times[2]):
            raise CosError(403, COS.text("expired_code"), "The signature's time is over.")
        _prove_token(key, {**params, **headers})
        resource = f"{target.host}/{target.key or params.get('prefix', '')}"
        if not key.may(f"cos:{operation}", resource):
            raise CosError(403, "AccessDenied", "The key's permissions do not reach this.")
        return params

    def _key(self, secret_id: str, target: Target) -> Key:
        """The vendor's key for its own buckets, the customer's for any other."""
        keys = self._world.keys
        key = keys.vendor if secret_id == keys.vendor.secret_id else keys.customers(secret_id)
        if key is None:
            raise CosError(403, "InvalidAccessKeyId", "No key has this id.")
        if _is_vendors(target) != (key is keys.vendor):
            raise CosError(403, "AccessDenied", "The key has no right to this bucket.")
        return key

    def _put(self, request: web.Request, target: Target, body: bytes, request_id: str) -> Reply:
        world, now = self._world, self._world.clock.now()
        _prove_md5(request.headers.get("Content-MD5"), body)
        until = now + COMMON.number("url_lifetime_seconds") if _is_vendors(target) else None
        kind = request.headers.get("Content-Type", "application/octet-stream")
        stored = Stored(body, kind, now, until, headers=_kept(request.headers))
        # From here on nothing waits, so of two that create once only one does.
        once = request.headers.get("x-cos-forbid-overwrite", "").lower() == "true"
        if once and world.store.get(target.host, target.key, now) is not None:
            raise CosError(409, "FileAlreadyExists", "The object is there already.")
        world.store.put(target.host, target.key, stored)
        if world.notifications.wanted(target.host):
            signed, caller = cosevents.authorization_of(request), request.remote or ""
            event = cosevents.object_created(target, stored, request_id, caller, signed)
            world.notifications.send(target.host, event, world.log)
        headers = {"ETag": stored.etag, "x-cos-hash-crc64ecma": stored.crc64}
        return Reply(200, b"", cosxml.CONTENT_TYPE, headers)

    def _list(self, target: Target, params: Mapping[str, str]) -> Reply:
        largest = COS.integer("largest_page")
        asked = {**params, "max-keys": params.get("max-keys") or str(largest)}
        encoding = asked.get("encoding-type", "")
        if not re.fullmatch(r"\d{1,9}", asked["max-keys"], re.ASCII) or encoding not in ("", "url"):
            raise CosError(400, "InvalidArgument", "max-keys or encoding-type cannot be so.")
        page = cosxml.page_of(
            self._world.store.objects(target.host, self._world.clock.now()),
            asked.get("prefix", ""),
            asked.get("delimiter", ""),
            asked.get("marker", ""),
            min(int(asked["max-keys"]), largest),
        )
        return Reply(200, cosxml.listing(target.bucket, asked, page), cosxml.CONTENT_TYPE)


def _is_vendors(target: Target) -> bool:
    return target.bucket in COS.table("vendor_buckets").values()


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower() in _KEPT or name.lower().startswith(_META)
    }


def _download(headers: Mapping[str, str], params: Mapping[str, str], stored: Stored) -> Reply:
    """An object, or the part of it that is asked for."""
    pinned = {
        name.removeprefix("response-"): value
        for name, value in params.items()
        if name.removeprefix("response-") in (*_KEPT, "content-type") and "response-" in name
    }
    kind = pinned.pop("content-type", stored.content_type)
    sent = {
        **stored.headers,
        **pinned,
        "Accept-Ranges": "bytes",
        "ETag": stored.etag,
        "Last-Modified": formatdate(stored.created_at, usegmt=True),
        "x-cos-hash-crc64ecma": stored.crc64,
    }
    if headers.get("If-Match", stored.etag) not in ("*", stored.etag, stored.md5):
        raise CosError(412, "PreconditionFailed", "The object has another ETag.")
    if headers.get("If-None-Match") in ("*", stored.etag, stored.md5):
        return Reply(304, b"", kind, sent)
    part = _part(headers.get("Range", ""), len(stored.body))
    if part is None:
        return Reply(200, stored.body, kind, sent, stored.pace_seconds)
    sent["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(stored.body)}"
    return Reply(206, stored.body[part.start : part.stop], kind, sent, stored.pace_seconds)


def _part(asked: str, size: int) -> range | None:
    """The bytes of a Range header, None for all. CosError 416 if the object ends before them."""
    found = _RANGE.match(asked)
    if found is None or found.groups() == ("", ""):
        return None  # Not one range of bytes: HTTP has it ignored.
    first, last = found.groups()
    if not first:
        part = range(max(0, size - int(last)), size)
    else:
        part = range(int(first), min(int(last or size - 1), size - 1) + 1)
        if last and int(last) < int(first):
            return None
    if not part:
        raise CosError(416, "InvalidRange", "The object has no such bytes.")
    return part


async def _body(request: web.Request) -> bytes:
    """All bytes. CosError 400 over the cap; the rest is read on, so that the answer arrives."""
    largest = COS.integer("largest_put_bytes")
    parts = []
    size = 0
    async for part in request.content.iter_chunked(65536):
        size += len(part)
        if size <= largest:
            parts.append(part)
    if size > largest:
        raise CosError(400, "EntityTooLarge", "The body is over the emulator's cap.")
    return b"".join(parts)


def _prove_md5(declared: str | None, body: bytes) -> None:
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


def _prove_token(key: Key, sent: Mapping[str, str]) -> None:
    if key.token is None:
        return
    token = sent.get("x-cos-security-token", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(token, key.token.encode()):
        raise CosError(403, "AccessDenied", "The temporary key's token is missing or wrong.")
