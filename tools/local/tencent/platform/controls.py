"""`/_platform/…`: reads the platform's state and controls it, without signatures."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tools.local.tencent.platform.apis import Apis
from tools.local.tencent.platform.async_queue import MAX_BYTES
from tools.local.tencent.platform.scf import Scf, new_request_id
from tools.local.tencent.platform.wiring import Function

PREFIX = "/_platform/"


class Controls:
    """The requests of the local cloud and its tests, and the bucket's events."""

    def __init__(self, scf: Scf, apis: Apis) -> None:
        self._scf, self._apis = scf, apis

    async def serve(self, request: web.Request) -> web.Response:
        """The control named by the path."""
        name = request.path.removeprefix(PREFIX)
        if name == "state" and request.method == "GET":
            return web.json_response(self._state())
        try:
            body = await request.json() if request.method == "POST" else None
            answer = await self._do(name, body)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        if answer is None:
            return web.json_response({"error": "no such control"}, status=404)
        return web.json_response(answer)

    async def _do(self, name: str, body: Any) -> dict[str, Any] | None:
        if name == "bucket-events":
            return {"functions": self._scf.bucket_event(body)}
        if name == "secrets":
            self._apis.put_secret(body["name"], body["version"], body["value"])
            return {}
        if name == "events":
            function, event = self._function(body), body["event"]
            if len(json.dumps(event)) > MAX_BYTES:
                raise ValueError(f"the event has more than {MAX_BYTES} bytes")
            copies = range(body.get("copies", 1))
            return {"request_ids": [self._scf.send(function, event, "control") for _ in copies]}
        if name == "invocations":
            request_id = new_request_id()
            outcome = await self._scf.invoke(self._function(body), body["event"], request_id)
            if outcome.failure is not None:
                return {"failure": outcome.failure.document(request_id)}
            return {"value": outcome.value}
        if name == "environments":
            await self._scf.change_environment(self._function(body), body["variables"])
            return {}
        if name == "containers":
            function = self._function(body)
            context = self._scf.context(function, new_request_id())
            return {"environment": self._scf.environment(function), "context": context}
        return None

    def _function(self, body: Any) -> Function:
        return self._scf.functions[body["function"]]

    def _state(self) -> dict[str, Any]:
        return {
            "containers": {name: pool.pids() for name, pool in self._scf.pools.items()},
            "waiting": [event.document() for event in self._scf.queue.waiting()],
            "retries": self._scf.queue.retries,
            "dead_letters": [event.document() for event in self._scf.queue.dead_letters()],
        }
