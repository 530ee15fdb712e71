"""Replies, and sending them whole or with a fault."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from liveproof_emulator.catalogue import Fault
from liveproof_emulator.facts import COMMON

_POLL_SECONDS = 0.05
_DROPS = 20


@dataclass(frozen=True)
class Reply:
    """A whole HTTP reply; `pace_seconds` spreads the body over that time."""

    status: int
    body: bytes = field(repr=False)
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    pace_seconds: float = 0.0


def json_reply(value: object, status: int = 200) -> Reply:
    """JSON with exactly `application/json`, the only type whose errors the SDK looks at."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Reply(status, body, "application/json")


async def deliver(
    request: web.Request, reply: Reply, fault: Fault | None, stopping: asyncio.Event
) -> web.StreamResponse:
    """Send the reply as the fault has it."""
    effect = fault.effect if fault is not None else None
    if fault is not None and effect == "replace":
        reply = Reply(fault.status, fault.body.encode(), fault.content_type)
    elif fault is not None and effect == "relabel":
        reply = Reply(reply.status, reply.body, fault.content_type, reply.headers)
    elif fault is not None and effect == "drip":
        reply = Reply(reply.status, reply.body, reply.content_type, reply.headers, fault.seconds)
    elif effect == "silence":
        await _until_gone(request, stopping)
        return abandoned(request)
    elif effect == "reset":
        return abandoned(request, reset=True)
    response = web.StreamResponse(
        status=reply.status, headers={**reply.headers, "Content-Type": reply.content_type}
    )
    response.content_length = len(reply.body)
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        if effect in ("stall", "cut"):
            await response.write(reply.body[: len(reply.body) // 2])
            if effect == "stall":
                await _until_gone(request, stopping)
            elif request.transport is not None:
                request.transport.close()
            return response
        await _write(request, response, reply)
        await response.write_eof()
    return response


async def _write(request: web.Request, response: web.StreamResponse, reply: Reply) -> None:
    if request.method == "HEAD":
        return
    if not reply.pace_seconds:
        await response.write(reply.body)
        return
    size = max(1, -(-len(reply.body) // _DROPS))
    for start in range(0, len(reply.body), size):
        await asyncio.sleep(reply.pace_seconds / _DROPS)
        await response.write(reply.body[start : start + size])


async def _until_gone(request: web.Request, stopping: asyncio.Event) -> None:
    """Keep quiet until the caller hangs up, the server stops or the documented time is over."""
    rounds = int(COMMON.number("hang_seconds") / _POLL_SECONDS)
    for _ in range(rounds):
        if request.transport is None or request.transport.is_closing() or stopping.is_set():
            return
        await asyncio.sleep(_POLL_SECONDS)


def abandoned(request: web.Request, *, reset: bool = False) -> web.StreamResponse:
    """Close the connection with no reply; the response given back is never sent."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if reset and connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response(status=500)
