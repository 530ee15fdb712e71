"""Fetching a caller's files, as an ordinary HTTP client does: GET of the URL as given, and a body
that was sent with a Content-Encoding is decoded."""

import asyncio
import re
from urllib.parse import unquote, urlsplit

import aiohttp
from yarl import URL

from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON

FAILED = "FailedOperation.DownLoadError"
TIMED_OUT = "FailedOperation.DownLoadTimeoutError"
NO_URL = "This is no http or https URL."

_URL = re.compile(r"https?://[!-~]+\Z")


class TooBigError(Exception):
    """The file is over the cap."""


class Downloads:
    """One pool of connections. `open` and `close` belong to the server's loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Start the pool."""
        self._session = aiohttp.ClientSession(trust_env=False)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, url: str, largest: int) -> bytes:
        """The bytes behind `url`.

        Raises:
            ApiError: it cannot be had, or not in time.
            TooBigError: it has more than `largest` bytes.
        """
        if self._session is None:
            raise RuntimeError("the emulator is not running")
        timeout = aiohttp.ClientTimeout(total=COMMON.number("download_seconds"))
        if _URL.match(url) is None:
            raise ApiError(FAILED, NO_URL)
        try:
            # encoded=True: the percent-encoding is part of what was signed.
            target = URL(url, encoded=True)
            async with self._session.get(target, timeout=timeout, allow_redirects=False) as reply:
                if reply.status != 200:
                    raise ApiError(FAILED, f"The file's server answered {reply.status}.")
                return await _read(reply.content, largest)
        except asyncio.TimeoutError as late:
            raise ApiError(TIMED_OUT) from late
        except (aiohttp.ClientError, ValueError, OSError) as problem:
            raise ApiError(FAILED) from problem


async def _read(stream: aiohttp.StreamReader, largest: int) -> bytes:
    parts = []
    size = 0
    async for part in stream.iter_chunked(65536):
        size += len(part)
        if size > largest:
            raise TooBigError
        parts.append(part)
    return b"".join(parts)


def resource(url: str) -> tuple[str | None, str]:
    """The COS region of a URL, None if it is no COS URL, and its decoded key without a query."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
    if path.startswith("cos/"):
        host, _, path = path.removeprefix("cos/").partition("/")
    labels = host.split(".")
    if len(labels) == 5 and labels[1] == "cos" and labels[3:] == ["myqcloud", "com"]:
        return labels[2], path
    return None, path
