"""The storage: objects, lists and settings of buckets, and the notifications of new objects."""

import re
import uuid
from collections.abc import Mapping

from aiohttp import web

from liveproof_emulator.clock import iso
from liveproof_emulator.cos import bodies, cors, operations
from liveproof_emulator.cos.access import Access
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.buckets import Buckets
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.notifications import Notifications
from liveproof_emulator.cos.reads import download
from liveproof_emulator.cos.request import StorageRequest, read_request
from liveproof_emulator.cos.store import Store, Stored, version_of
from liveproof_emulator.cos.writes import Writes, verify_md5
from liveproof_emulator.facts import COS
from liveproof_emulator.model import Fault
from liveproof_emulator.replies import Reply, deliver
from liveproof_emulator.requests import read_body
from liveproof_emulator.state import State


class Cos:
    """Every bucket that can exist: the vendor's, and any of the customer's.

    Attributes:
        store: the objects.
        buckets: the buckets' settings.
        notifications: who is notified of new objects.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.store = Store()
        self.buckets = Buckets()
        self.notifications = Notifications()
        self._access = Access(state.keys, self.buckets)
        self._writes = Writes(state, self.store, self.buckets, self.notifications, self._access)

    def reset(self) -> None:
        """Delete the objects and the notifications in flight. Buckets' settings stay."""
        self.store.reset()
        self.notifications.reset()

    async def serve(self, web_request: web.Request, target: Target) -> web.StreamResponse:
        """One request for an object or a bucket."""
        state = self._state
        request_id = uuid.uuid4().hex
        operation, fault, code = "", None, None
        cors_headers: Mapping[str, str] = {}
        try:
            body = await read_body(web_request.content, COS.integer("largest_put_bytes"))
            if body is None:
                raise CosError(400, "EntityTooLarge", "The body is over the emulator's cap.")
            request = read_request(web_request, target)
            if target.host:
                rules = self.buckets.of(target.host).cors
                cors_headers = cors.response_headers(rules, request.method, request.headers)
            operation = operations.find_operation(request.method, target.key, request.params)
            queued = state.queued_faults.take(operation)
            fault = queued if isinstance(queued, Fault) else None
            reply = self._answer(request, operation, body, fault, request_id)
        except CosError as problem:
            code = problem.code
            text = bodies.error(code, problem.message, target.key, request_id)
            reply = Reply(problem.status, text, bodies.CONTENT_TYPE)
        headers = {
            **reply.headers, **cors_headers, "x-cos-request-id": request_id,
            "Server": "tencent-cos",
        }  # fmt: skip
        whole = Reply(reply.status, reply.body, reply.content_type, headers, reply.pace_seconds)
        state.log(
            {
                "at": iso(state.clock.now()),
                "call": operation,
                "bucket": target.host,
                "request_id": request_id,
                "fault": fault.name if fault is not None else None,
                "code": code,
                "status": reply.status,
            }
        )
        return await deliver(web_request, whole, fault, state.stopping)

    def _answer(
        self,
        request: StorageRequest,
        operation: str,
        body: bytes,
        fault: Fault | None,
        request_id: str,
    ) -> Reply:
        target = request.target
        if not target.host:
            raise CosError(404, "NoSuchBucket", "This is no bucket's host.")
        if operation == "OptionsObject":
            return cors.preflight(self.buckets.of(target.host).cors, request.headers)
        stored = self._stored(request) if target.key else None
        key = self._access.check(request, operation, stored, self._state.clock.now())
        if operation not in operations.SUPPORTED:
            raise CosError(501, "NotImplemented", "The emulator does not play this operation.")
        if fault is not None and fault.effect == "error":
            raise CosError(503, "SlowDown", "Too many requests.")
        if fault is not None and not fault.executed:
            return Reply(200, b"", bodies.CONTENT_TYPE)
        if operation == "PutObject":
            return self._writes.put(request, key, body, request_id)
        if operation == "DeleteObject":
            return self._writes.delete(request)
        if operation == "HeadBucket":
            return Reply(200, b"", bodies.CONTENT_TYPE)
        if operation == "GetBucket":
            return self._list(target, request.params)
        if operation == "GetBucketObjectVersions":
            return self._list_versions(target, request.params)
        if not target.key:
            return self._setting(request, body)
        if stored is None or stored.deleted:
            raise CosError(404, "NoSuchKey", "There is no such object.")
        return download(request, stored)

    def _stored(self, request: StorageRequest) -> Stored | None:
        """The object or the version that the request names."""
        version_id = request.params.get("versionid")
        version = None if version_id is None else version_of(version_id)
        target, now = request.target, self._state.clock.now()
        return self.store.get(target.host, target.key, now, version)

    def _setting(self, request: StorageRequest, body: bytes) -> Reply:
        """Put, get or delete a setting of a bucket."""
        bucket = self.buckets.of(request.target.host)
        name = next(name for name in operations.SUPPORTED_SETTINGS if name in request.params)
        if request.method == "PUT":
            verify_md5(request.headers.get("content-md5"), body)
            return bucket.put(name, body)
        return bucket.get(name) if request.method == "GET" else bucket.delete(name)

    def _list(self, target: Target, params: Mapping[str, str]) -> Reply:
        max_keys = COS.integer("largest_page")
        parameters = {**params, "max-keys": params.get("max-keys") or str(max_keys)}
        encoding = parameters.get("encoding-type", "")
        is_number = re.fullmatch(r"\d{1,9}", parameters["max-keys"], re.ASCII)
        if not is_number or encoding not in ("", "url"):
            raise CosError(400, "InvalidArgument", "max-keys or encoding-type cannot be so.")
        page = bodies.page_of(
            self.store.objects(target.host, self._state.clock.now()),
            parameters.get("prefix", ""),
            parameters.get("delimiter", ""),
            parameters.get("marker", ""),
            min(int(parameters["max-keys"]), max_keys),
        )
        return Reply(200, bodies.listing(target.bucket, parameters, page), bodies.CONTENT_TYPE)

    def _list_versions(self, target: Target, params: Mapping[str, str]) -> Reply:
        """A page of versions; of the parameters it obeys prefix, max-keys and the markers."""
        largest = COS.integer("largest_page")
        max_keys = params.get("max-keys") or str(largest)
        if not re.fullmatch(r"\d{1,9}", max_keys, re.ASCII):
            raise CosError(400, "InvalidArgument", "max-keys cannot be so.")
        prefix = params.get("prefix", "")
        versions = [
            (key, stored)
            for key, stored in self.store.versions(target.host, self._state.clock.now())
            if key.startswith(prefix)
        ]
        marker = (params.get("key-marker", ""), version_of(params.get("version-id-marker", "")))
        places = [
            number for number, (key, one) in enumerate(versions) if (key, one.version) == marker
        ]
        rest = versions[places[0] + 1 :] if places else versions
        page = rest[: min(int(max_keys), largest)]
        after = None
        if len(page) < len(rest):
            after = (page[-1][0], page[-1][1].version or "null")
        text = bodies.version_listing(target.bucket, prefix, page, after)
        return Reply(200, text, bodies.CONTENT_TYPE)
