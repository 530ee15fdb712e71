"""Replies, and sending them: whole, or as a fault breaks them."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from liveproof_emulator.facts import COMMON
from liveproof_emulator.model import Fault

_POLL_SECONDS = 0.05
_DRIP_PARTS = 20


@dataclass(frozen=True)
class Reply:
    """A whole HTTP reply; `pace_seconds` spreads the body over that time."""

    status: int
    body: bytes = field(repr=False)
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    pace_seconds: float = 0.0


def json_reply(value: object, status: int = 200) -> Reply:
    """JSON as exactly `application/json`: the vendor's SDK looks for errors in no other type."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Reply(status, body, "application/json")


async def deliver(
    request: web.Request, reply: Reply, fault: Fault | None, stopping: asyncio.Event
) -> web.StreamResponse:
    """Send the reply, broken by the fault if there is one. `stopping` ends silent connections."""
    effect = fault.effect if fault is not None else None
    if fault is not None and effect == "replace":
        reply = Reply(fault.status, fault.body.encode(), fault.content_type)
    elif fault is not None and effect == "relabel":
        reply = Reply(reply.status, reply.body, fault.content_type, reply.headers)
    elif fault is not None and effect == "drip":
        reply = Reply(reply.status, reply.body, reply.content_type, reply.headers, fault.seconds)
    elif effect == "silence":
        await _stay_silent(request, stopping)
        return close_connection(request)
    elif effect == "reset":
        return close_connection(request, reset=True)
    response = web.StreamResponse(
        status=reply.status, headers={**reply.headers, "Content-Type": reply.content_type}
    )
    response.content_length = len(reply.body)
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        if effect in ("stall", "cut"):
            await response.write(reply.body[: len(reply.body) // 2])
            if effect == "stall":
                await _stay_silent(request, stopping)
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
    size = max(1, -(-len(reply.body) // _DRIP_PARTS))
    for start in range(0, len(reply.body), size):
        await asyncio.sleep(reply.pace_seconds / _DRIP_PARTS)
        await response.write(reply.body[start : start + size])


async def _stay_silent(request: web.Request, stopping: asyncio.Event) -> None:
    """Send nothing until the caller hangs up, the server stops, or `hang_seconds` are over."""
    rounds = int(COMMON.number("hang_seconds") / _POLL_SECONDS)
    for _ in range(rounds):
        if request.transport is None or request.transport.is_closing() or stopping.is_set():
            return
        await asyncio.sleep(_POLL_SECONDS)


def close_connection(request: web.Request, *, reset: bool = False) -> web.StreamResponse:
    """Close the connection without a reply; the returned response is never sent."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if reset and connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response(status=500)
