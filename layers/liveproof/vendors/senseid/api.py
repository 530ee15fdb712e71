"""Requests to a SenseID private cloud: form-encoded POST, answered with JSON and a numeric code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from liveproof.clock import milliseconds_since
from liveproof.outbound.errors import ExchangeFailed, NeverSent, SentInPart
from liveproof.outbound.urls import Target, parse_target
from liveproof.ports import ObjectStream, Secrets
from liveproof.secret_documents import SenseIdKey, read_secret
from liveproof.vendors.answer import Answer, sanitize
from liveproof.vendors.documents import MAX_ANSWER_BYTES, Unreadable, parse_object
from liveproof.vendors.errors import NotSent, OutcomeUnknown
from liveproof.vendors.senseid.encryption import append_encrypted

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection

_CONNECT_SECONDS = 5.0
_SUCCESS = 1000


class SenseId:
    """A SenseID service.

    Args:
        url: scheme, host and port.
        secrets: where the key lies.
        secret_name: a JSON secret with `key` (32 characters) and `iv` (12 characters).

    Raises:
        ValueError: `url` is no such URL.
    """

    def __init__(self, url: str, secrets: Secrets, secret_name: str) -> None:
        self._service = parse_target(url)
        self._secrets = secrets
        self._secret_name = secret_name

    def form(self, files: Mapping[str, ObjectStream], fields: Mapping[str, str]) -> bytearray:
        """A request's body: each file encrypted as it is read. Raises SecretUnusable."""
        key = read_secret(self._secrets, self._secret_name, SenseIdKey)
        form = bytearray()
        for name, stream in files.items():
            form += f"{quote_plus(name)}=".encode()
            append_encrypted(form, stream, key.key.encode(), key.iv.encode())
            form += b"&"
        form += "&".join(
            f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items()
        ).encode()
        return form

    def connect(self, seconds: float) -> AbstractContextManager[Connection | None]:
        """A connection for a `call` soon. What a first call would load is loaded.

        Args:
            seconds: how long opening the connection may take; see `connected_ahead`.
        """
        from liveproof.outbound import connection, exchange  # noqa: F401 - for the call

        return connection.connected_ahead(self._service.origin, seconds)

    def call(
        self,
        path: str,
        form: bytearray,
        timeout: float,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        """Make one request, once.

        Args:
            timeout: seconds for all of it, from connecting to the answer's last byte.
            connection: of `connect`; without one the request opens its own.
            wait: is called when the request is ready, and returns when it may leave. None: at once.

        Raises:
            NotSent: no connection could be made, or the form was not through in time.
            OutcomeUnknown: timed out, cut off, or answered with a redirect or with something that
                is no answer.
        """
        from liveproof.outbound.deadline import Deadline
        from liveproof.outbound.exchange import exchange

        at = self._service
        target = Target(at.origin, at.authority, at.path.rstrip("/") + path)
        if wait is not None:
            wait()
        started = time.monotonic()
        try:
            with exchange(
                "POST",
                target,
                {"Content-Type": "application/x-www-form-urlencoded"},
                form,
                deadline=Deadline(timeout),
                connect_seconds=_CONNECT_SECONDS,
                opened=connection,
            ) as response:
                status = response.status
                body = response.whole(MAX_ANSWER_BYTES, decode=True)
        except NeverSent as failed:
            raise NotSent(f"no connection to SenseID: {failed.why}") from None
        except SentInPart as failed:
            # Less than its Content-Length arrived: no service executes that.
            raise NotSent(f"the form could not be sent in time: {failed.why}") from None
        except ExchangeFailed as failed:
            raise OutcomeUnknown(f"no usable answer: {failed.why}") from None
        return _answer(status, body, milliseconds_since(started))


def _answer(status: int, body: bytes, latency_ms: int) -> Answer:
    if 300 <= status < 400:
        raise OutcomeUnknown(f"answered with HTTP {status}")
    try:
        fields = parse_object(body)
    except Unreadable:
        fields = {}
    code = fields.get("code")
    has_code = isinstance(code, int) and not isinstance(code, bool)
    if status == 200 and not has_code:
        raise OutcomeUnknown("the answer has no code")
    if not has_code or (status != 200 and code == _SUCCESS):
        return Answer({}, f"http{status}", None, latency_ms)
    request_id = fields.get("request_id")
    error = None if code == _SUCCESS else str(code)
    return Answer(fields, error, sanitize(str(request_id)) if request_id else None, latency_ms)
