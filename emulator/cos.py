"""The storage side: PUT, GET and HEAD of objects with V5 signatures."""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

from aiohttp import web

from emulator import cosv5
from emulator.catalogue import Fault
from emulator.clock import iso
from emulator.facts import COMMON, COS
from emulator.gateway import World
from emulator.keys import Key
from emulator.store import Stored
from emulator.wire import Reply, deliver

OPERATIONS = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject"}
HOST = re.compile(r"[a-z0-9-]+-\d+\.cos\.[a-z0-9-]+\.myqcloud\.com\Z")
_PREFIX = "/cos/"
_KEY_TIME = re.compile(r"(\d{1,10});(\d{1,10})\Z", re.ASCII)


class CosError(Exception):
    """A refusal, with HTTP status and COS code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Target:
    """The object a request is for, and how it may have been signed."""

    host: str
    key: str
    paths: tuple[str, ...]


def target_of(request: web.Request) -> Target | None:
    """The object that the request names path-style or by its Host; None if it is no COS request."""
    raw = request.raw_path.partition("?")[0]
    host = request.headers.get("Host", "").partition(":")[0]
    if HOST.match(host):
        return Target(host, unquote(raw[1:]), (unquote(raw),))
    if not raw.startswith(_PREFIX):
        return None
    host, _, raw_key = raw.removeprefix(_PREFIX).partition("/")
    key = unquote(raw_key)
    return Target(host, key, ("/" + key, unquote(raw)))


class Cos:
    """Every bucket there could be: the vendor's, and any of the customer's own."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def serve(self, request: web.Request, target: Target) -> web.StreamResponse:
        """One request for an object."""
        world = self._world
        request_id = uuid.uuid4().hex
        operation = OPERATIONS.get(request.method)
        fault = world.armed.take(operation) if operation is not None else None
        fault = fault if isinstance(fault, Fault) else None
        code = None
        try:
            reply = await self._answer(request, target, fault)
        except CosError as problem:
            code = problem.code
            reply = _xml(problem, target.key, request_id)
        headers = {**reply.headers, "x-cos-request-id": request_id, "Server": "tencent-cos"}
        whole = Reply(reply.status, reply.body, reply.content_type, headers, reply.pace_seconds)
        world.log(
            {
                "at": iso(world.clock.now()),
                "call": operation or "",
                "bucket": target.host if HOST.match(target.host) else "",
                "request_id": request_id,
                "fault": fault.name if fault is not None else None,
                "code": code,
                "status": reply.status,
            }
        )
        return await deliver(request, whole, fault, world.stopping)

    async def _answer(self, request: web.Request, target: Target, fault: Fault | None) -> Reply:
        body = await _body(request)
        if request.method not in OPERATIONS:
            raise CosError(405, "MethodNotAllowed", "The emulator has PUT, GET and HEAD.")
        if not HOST.match(target.host):
            raise CosError(404, "NoSuchBucket", "This is no bucket's host.")
        self._authorize(request, target)
        if fault is not None and fault.effect == "error":
            raise CosError(503, "SlowDown", "Too many requests.")
        if fault is not None and not fault.executed:
            return Reply(200, b"", "application/xml")
        if request.method == "PUT":
            return self._put(request, target, body)
        stored = self._world.store.get(target.host, target.key, self._world.clock.now())
        if stored is None:
            raise CosError(404, "NoSuchKey", "There is no such object.")
        headers = {"ETag": f'"{stored.md5}"'}
        return Reply(200, stored.body, stored.content_type, headers, stored.pace_seconds)

    def _authorize(self, request: web.Request, target: Target) -> None:
        """CosError 403 unless a key that may use this bucket signed this very request, and now."""
        query = dict(parse_qsl(request.raw_path.partition("?")[2], keep_blank_values=True))
        header = request.headers.get("Authorization")
        given = query if header is None else dict(parse_qsl(header, keep_blank_values=True))
        if any(name not in given for name in cosv5.FIELDS):
            raise CosError(403, "AccessDenied", "The request is not signed.")
        times = _KEY_TIME.match(given["q-key-time"])
        if given["q-sign-algorithm"] != "sha1" or times is None:
            raise CosError(403, "AccessDenied", "The signature's fields cannot be understood.")
        key = self._key(given["q-ak"], target.host)
        params = {name: value for name, value in query.items() if name not in cosv5.FIELDS}
        headers = {name.lower(): value for name, value in request.headers.items()}
        host = headers.get("host", "")
        hosts = (host, host.rpartition(":")[0] or host, target.host)
        if given["q-sign-time"] != given["q-key-time"] or not cosv5.fits(
            given, key, request.method, target.paths, headers, hosts, params
        ):
            raise CosError(403, "SignatureDoesNotMatch", "The signature is another request's.")
        if not int(times[1]) <= self._world.clock.now() < int(times[2]):
            raise CosError(403, COS.text("expired_code"), "The signature's time is over.")
        _prove_token(key, {**params, **headers})

    def _key(self, secret_id: str, host: str) -> Key:
        """The vendor's key for its own buckets, the customer's for any other."""
        keys = self._world.keys
        key = keys.vendor if secret_id == keys.vendor.secret_id else keys.customers(secret_id)
        if key is None:
            raise CosError(403, "InvalidAccessKeyId", "No key has this id.")
        bucket = host.partition(".")[0]
        if (bucket in COS.table("vendor_buckets").values()) != (key is keys.vendor):
            raise CosError(403, "AccessDenied", "The key has no right to this bucket.")
        return key

    def _put(self, request: web.Request, target: Target, body: bytes) -> Reply:
        world, now = self._world, self._world.clock.now()
        if not target.key:
            raise CosError(400, "InvalidArgument", "The key is empty.")
        _prove_md5(request.headers.get("Content-MD5"), body)
        once = request.headers.get("x-cos-forbid-overwrite", "").lower() == "true"
        if once and world.store.get(target.host, target.key, now) is not None:
            raise CosError(409, "FileAlreadyExists", "The object is there already.")
        vendors = target.host.partition(".")[0] in COS.table("vendor_buckets").values()
        until = now + COMMON.number("url_lifetime_seconds") if vendors else None
        kind = request.headers.get("Content-Type", "application/octet-stream")
        stored = Stored(body, kind, now, until)
        world.store.put(target.host, target.key, stored)
        return Reply(200, b"", "application/xml", {"ETag": f'"{stored.md5}"'})


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


def _xml(problem: CosError, key: str, request_id: str) -> Reply:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<Error>'
        f"<Code>{problem.code}</Code><Message>{escape(problem.message)}</Message>"
        f"<Resource>/{escape(quote(key))}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    encoded = body.encode("utf-8", "xmlcharrefreplace")
    return Reply(problem.status, encoded, "application/xml")
