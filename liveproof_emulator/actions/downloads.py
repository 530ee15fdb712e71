"""Downloading a caller's file as an ordinary HTTP client does: GET of the URL as it was given. A
body with a Content-Encoding is decoded."""

import asyncio
import re
from urllib.parse import unquote, urlsplit

import aiohttp
from yarl import URL

from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON
from liveproof_emulator.requests import read_body

FAILED = "FailedOperation.DownLoadError"
TIMED_OUT = "FailedOperation.DownLoadTimeoutError"
NO_URL = "This is no http or https URL."

_URL = re.compile(r"https?://[!-~]+\Z")


class TooBigError(Exception):
    """The file is over the cap."""


class Downloads:
    """One pool of connections. Call `open` and `close` on the server's event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the pool."""
        self._session = aiohttp.ClientSession(trust_env=False)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, url: str, max_bytes: int) -> bytes:
        """The bytes behind `url`.

        Raises:
            ApiError: the download failed, or took longer than `download_seconds` of the facts.
            TooBigError: the file has more than `max_bytes`.
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
                body = await read_body(reply.content, max_bytes, discard_rest=False)
        except asyncio.TimeoutError as late:
            raise ApiError(TIMED_OUT) from late
        except (aiohttp.ClientError, ValueError, OSError) as problem:
            raise ApiError(FAILED) from problem
        if body is None:
            raise TooBigError
        return body


def region_and_key(url: str) -> tuple[str | None, str]:
    """The COS region of a URL, None if it is no COS URL, and its decoded key without a query."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
    if path.startswith("cos/"):
        host, _, path = path.removeprefix("cos/").partition("/")
    labels = host.split(".")
    if len(labels) == 5 and labels[1] == "cos" and labels[3:] == ["myqcloud", "com"]:
        return labels[2], path
    return None, path
