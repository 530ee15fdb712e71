"""The deployment's API, as the console asks it: the routes that the page needs, and no others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from yarl import URL

_ID = r"ver_[0-9A-Za-z]{26}"
_ROUTES = re.compile(
    rf"POST /v1/verifications"
    rf"|GET /v1/verifications(/{_ID}(/evidence)?)?"
    rf"|DELETE /v1/verifications/{_ID}"
    rf"|POST /v1/verifications/{_ID}/(uploads|deliveries)"
    rf"|GET /v1/webhooks/health|POST /v1/webhooks/test"
)
# A light sequence waits longest for the vendor, and the console asks for none.
_TOTAL_SECONDS = 30.0
_MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""More than any answer of the API has: Lambda and SCF send 6 MB at most."""
_PASSED_ON = ("Content-Type", "Idempotency-Key")


class ApiSilent(Exception):
    """The API did not answer. The text is for people."""


@dataclass(frozen=True)
class ApiAnswer:
    """What the API answered."""

    status: int
    content_type: str
    body: bytes

    def document(self) -> dict[str, Any]:
        """The JSON object. Raises ApiSilent if it is none, or a problem."""
        try:
            document = msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.MsgspecError:
            raise ApiSilent(f"The API answered {self.status} without a JSON object") from None
        if self.status >= 400:
            raise ApiSilent(
                f"The API answered {self.status} {document.get('code', '')}:"
                f" {document.get('detail', document.get('message', ''))}"
            )
        return document


class Upstream:
    """The API with a key for each client. Used on one event loop."""

    def __init__(self, api: str, keys: Mapping[str, str]) -> None:
        self._api, self._keys = api, dict(keys)
        self._session: aiohttp.ClientSession | None = None

    @property
    def clients(self) -> tuple[str, ...]:
        """The names of those whose key is here."""
        return tuple(self._keys)

    def is_offered(self, method: str, path: str) -> bool:
        """Whether the page may use this route."""
        return _ROUTES.fullmatch(f"{method} {path}") is not None

    async def ask(
        self,
        client: str,
        method: str,
        path: str,
        raw_query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> ApiAnswer:
        """One request with a client's key, without redirects.

        Args:
            raw_query: as it is in the URL: percent-encoded.

        Raises:
            KeyError: there is no such client.
            ApiSilent: there was no answer, or one that is too large.
        """
        passed_on = {
            name: value for name, value in (headers or {}).items() if name.title() in _PASSED_ON
        }
        authorized = {**passed_on, "Authorization": f"Bearer {self._keys[client]}"}
        url = f"{self._api}{path}" + (f"?{raw_query}" if raw_query else "")
        try:
            async with self._opened().request(
                method, URL(url, encoded=True), headers=authorized, data=body, allow_redirects=False
            ) as answer:
                return ApiAnswer(answer.status, answer.content_type, await _body(answer))
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise ApiSilent(f"The API does not answer: {reason}") from None

    async def close(self) -> None:
        """Closes its connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_TOTAL_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises ApiSilent if it is too large."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise ApiSilent(f"The API's answer has more than {_MAX_ANSWER_BYTES:,} bytes")
    return bytes(body)
