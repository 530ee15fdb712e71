"""What the emulator says of requests that are no HTTP: nothing, since they may hold keys."""

from __future__ import annotations

import logging
import socket
from urllib.parse import urlsplit

import pytest

from liveproof_emulator.requests import LOGGER
from liveproof_emulator.testing import start

pytestmark = pytest.mark.patches_the_emulator


def test_a_key_in_a_header_that_cannot_be_read_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A NUL behind an API key put the key into the local platform's log."""
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
