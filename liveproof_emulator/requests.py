"""Reading requests: bodies under a cap, and no log of requests that cannot be read."""

import logging

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

_CHUNK_BYTES = 65536
# After this many bytes of a body that is too long the emulator stops reading.
_MAX_DISCARDED_BYTES = 256 * 1024 * 1024


class _NoUnreadableRequests(logging.Filter):
    """Drops aiohttp's lines about requests that it could not read: they hold their headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


LOGGER = logging.getLogger("liveproof.requests")
"""For `aiohttp.web.AppRunner`'s `logger`."""
LOGGER.addFilter(_NoUnreadableRequests())


async def read_body(
    stream: StreamReader, max_bytes: int, *, discard_rest: bool = True
) -> bytes | None:
    """The whole body; None if it has more than `max_bytes`.

    `discard_rest`: read a longer body to its end, as a server has to: a caller that is still
    sending would see a reset connection instead of the answer.
    """
    parts: list[bytes] = []
    size = 0
    async for part in stream.iter_chunked(_CHUNK_BYTES):
        size += len(part)
        if size <= max_bytes:
            parts.append(part)
        elif not discard_rest or size > _MAX_DISCARDED_BYTES:
            break
    return b"".join(parts) if size <= max_bytes else None


async def discard_body(request: web.Request) -> None:
    """Read a request's body to its end and drop it."""
    await read_body(request.content, 0)
