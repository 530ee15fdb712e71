"""Reading bodies under a cap; what is logged of requests that cannot be read."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import urlsplit

import pytest
from aiohttp import StreamReader

from liveproof_emulator.requests import LOGGER, read_body
from liveproof_emulator.testing import start

pytestmark = pytest.mark.patches_the_emulator


class Parts:
    """A stream that comes in these parts; `parts` are those that nobody read yet."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        del size
        while self.parts:
            yield self.parts.pop(0)


def test_a_key_in_a_header_that_cannot_be_read_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A NUL after an API key put the key into the local platform's log."""
    with start() as emulator:
        url = urlsplit(emulator.url)
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as sent:
            sent.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer canary\0\r\n\r\n")
            assert b"400" in sent.recv(4096)
    assert "canary" not in caplog.text


def test_other_errors_of_the_server_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("a fault")
    except ValueError:
        LOGGER.exception("Error handling request")
    assert "a fault" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


@pytest.mark.parametrize(
    ("size", "discard_rest", "is_whole", "is_read_to_its_end"),
    [
        (9, True, True, True),
        (10, False, True, True),
        (11, True, False, True),
        (11, False, False, False),
    ],
)
def test_a_body_over_its_cap_is_none_and_read_on_if_a_caller_is_sending_it(
    size: int, discard_rest: bool, is_whole: bool, is_read_to_its_end: bool
) -> None:
    async def read() -> tuple[bytes | None, bool]:
        stream = Parts([b"x" * size, b"y"] if size > 10 else [b"x" * size])
        body = await read_body(cast(StreamReader, stream), 10, discard_rest=discard_rest)
        return body, not stream.parts

    body, at_end = asyncio.run(read())
    assert body == (b"x" * size if is_whole else None)
    assert at_end is is_read_to_its_end
