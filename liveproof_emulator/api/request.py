"""A request to the API as it came, before its signature is checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON
from liveproof_emulator.requests import read_body


@dataclass(frozen=True)
class RawRequest:
    """Header names are in lower case; values, query and body are untouched."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def hosts(self) -> tuple[str, str]:
        """The Host header as it came and without a port: some SDKs sign one, some the other."""
        host = self.headers.get("host", "")
        return host, host.rpartition(":")[0] if re.search(r":\d+\Z", host) else host


async def read_request(request: web.Request) -> RawRequest:
    """The request with its body. ApiError if it is over the cap of its method."""
    body = await read_body(request.content, COMMON.integer("largest_post_bytes"))
    query = request.raw_path.partition("?")[2]
    too_long = request.method == "GET" and len(query) > COMMON.integer("largest_get_bytes")
    if body is None or too_long:
        raise ApiError("RequestSizeLimitExceeded")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return RawRequest(request.method, query, headers, body)
