"""The storage side: objects, lists and settings of buckets, and who is told of new objects."""

import re
import uuid
from collections.abc import Mapping

from aiohttp import web

from liveproof_emulator.api.gateway import World
from liveproof_emulator.catalogue import Fault
from liveproof_emulator.clock import iso
from liveproof_emulator.cos import bodies, cors, operations
from liveproof_emulator.cos import request as cosrequest
from liveproof_emulator.cos.access import Access
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.reads import download
from liveproof_emulator.cos.request import Asked
from liveproof_emulator.cos.store import Stored, version_named
from liveproof_emulator.cos.writes import Writes, prove_md5
from liveproof_emulator.facts import COS
from liveproof_emulator.replies import Reply, deliver


class Cos:
    """Every bucket there could be: the vendor's, and any of the customer's own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._access = Access(world.keys, world.buckets)
        self._writes = Writes(world, self._access)

    async def serve(self, request: web.Request, target: Target) -> web.StreamResponse:
        """One request for an object or a bucket."""
        world = self._world
        request_id = uuid.uuid4().hex
        operation, fault, code = "", None, None
        more: Mapping[str, str] = {}
        try:
            body = await _body(request)
            asked = cosrequest.read(request, target)
            if target.host:
                more = cors.answer(world.buckets.of(target.host).cors, asked.method, asked.headers)
            operation = operations.operation_of(asked.method, target.key, asked.params)
            armed = world.armed.take(operation)
            fault = armed if isinstance(armed, Fault) else None
            reply = self._answer(asked, operation, body, fault, request_id)
        except CosError as problem:
            code = problem.code
            text = bodies.error(code, problem.message, target.key, request_id)
            reply = Reply(problem.status, text, bodies.CONTENT_TYPE)
        headers = {
            **reply.headers, **more, "x-cos-request-id": request_id, "Server": "tencent-cos",
        }  # fmt: skip
        whole = Reply(reply.status, reply.body, reply.content_type, headers, reply.pace_seconds)
        world.log(
            {
                "at": iso(world.clock.now()),
                "call": operation,
                "bucket": target.host,
                "request_id": request_id,
                "fault": fault.name if fault is not None else None,
                "code": code,
                "status": reply.status,
            }
        )
        return await deliver(request, whole, fault, world.stopping)

    def _answer(
        self, asked: Asked, operation: str, body: bytes, fault: Fault | None, request_id: str
    ) -> Reply:
        target = asked.target
        if not target.host:
            raise CosError(404, "NoSuchBucket", "This is no bucket's host.")
        bucket = self._world.buckets.of(target.host)
        if operation == "OptionsObject":
            return cors.preflight(bucket.cors, asked.headers)
        stored = self._stored(asked) if target.key else None
        key = self._access.prove(asked, operation, stored, self._world.clock.now())
        if operation not in operations.PLAYED:
            raise CosError(501, "NotImplemented", "The emulator does not play this operation.")
        if fault is not None and fault.effect == "error":
            raise CosError(503, "SlowDown", "Too many requests.")
        if fault is not None and not fault.executed:
            return Reply(200, b"", bodies.CONTENT_TYPE)
        if operation == "PutObject":
            return self._writes.put(asked, key, body, request_id)
        if operation == "DeleteObject":
            return self._writes.delete(asked)
        if operation == "HeadBucket":
            return Reply(200, b"", bodies.CONTENT_TYPE)
        if operation == "GetBucket":
            return self._list(target, asked.params)
        if not target.key:
            return self._setting(asked, body)
        if stored is None or stored.deleted:
            raise CosError(404, "NoSuchKey", "There is no such object.")
        return download(asked, stored)

    def _stored(self, asked: Asked) -> Stored | None:
        named = asked.params.get("versionid")
        version = None if named is None else version_named(named)
        now = self._world.clock.now()
        return self._world.store.get(asked.target.host, asked.target.key, now, version)

    def _setting(self, asked: Asked, body: bytes) -> Reply:
        """A setting of a bucket that the emulator keeps."""
        bucket = self._world.buckets.of(asked.target.host)
        name = next(each for each in operations.KEPT_SETTINGS if each in asked.params)
        if asked.method == "PUT":
            prove_md5(asked.headers.get("content-md5"), body)
            return bucket.put(name, body)
        return bucket.get(name) if asked.method == "GET" else bucket.delete(name)

    def _list(self, target: Target, params: Mapping[str, str]) -> Reply:
        largest = COS.integer("largest_page")
        asked = {**params, "max-keys": params.get("max-keys") or str(largest)}
        encoding = asked.get("encoding-type", "")
        if not re.fullmatch(r"\d{1,9}", asked["max-keys"], re.ASCII) or encoding not in ("", "url"):
            raise CosError(400, "InvalidArgument", "max-keys or encoding-type cannot be so.")
        page = bodies.page_of(
            self._world.store.objects(target.host, self._world.clock.now()),
            asked.get("prefix", ""),
            asked.get("delimiter", ""),
            asked.get("marker", ""),
            min(int(asked["max-keys"]), largest),
        )
        return Reply(200, bodies.listing(target.bucket, asked, page), bodies.CONTENT_TYPE)


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
