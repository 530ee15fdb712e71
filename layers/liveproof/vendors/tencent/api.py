"""Tencent Cloud API 3.0: requests that are sent once, and say what is known of them afterwards.

The vendor's SDK repeats calls that succeeded and follows redirects. Its exceptions do not say
whether the request was sent, which decides whether it may be billed. `TencentApi.call` says so, and
never repeats a request.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from liveproof.clock import milliseconds_since, now_ms
from liveproof.outbound.errors import ExchangeFailed, NeverSent
from liveproof.outbound.urls import Origin, Target, parse_target
from liveproof.secret_documents import VendorKey
from liveproof.vendors.answer import Answer, sanitize
from liveproof.vendors.documents import MAX_ANSWER_BYTES, Unreadable, parse_object
from liveproof.vendors.errors import KeyReplaced, NotSent, OutcomeUnknown, VendorRefused
from liveproof.vendors.tencent.signature import sign_headers

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection, Pool
    from liveproof.outbound.deadline import Deadline

_CONNECT_SECONDS = 5.0
_METHOD = "POST"

_KEY_REFUSED = frozenset(
    {
        "AuthFailure.InvalidAuthorization",
        "AuthFailure.InvalidSecretId",
        "AuthFailure.SecretIdNotFound",
        "AuthFailure.SignatureFailure",
        "AuthFailure.TokenFailure",
    }
)
"""The vendor refuses who asks, and executes nothing (common error codes, page 1059/36988)."""


def _never_replaced(refused: VendorKey) -> bool:
    return False


class TencentApi:
    """Requests to one region of Tencent Cloud.

    Args:
        endpoint: scheme and host, such as https://faceid.intl.tencentcloudapi.com.
        region: the value of X-TC-Region.
        key: returns the key to sign with. Called for every request, since keys rotate.
        is_replaced: whether there is another key than this one, which the vendor has refused.
        keep_alive: use a connection again, which saves its TLS handshake. Only where a request may
            be repeated: a connection that the server has closed meanwhile fails in a way that
            cannot be told from a request that was executed.

    Raises:
        ValueError: the endpoint is no such URL.
    """

    def __init__(
        self,
        endpoint: str,
        region: str,
        key: Callable[[], VendorKey],
        *,
        is_replaced: Callable[[VendorKey], bool] = _never_replaced,
        keep_alive: bool = False,
    ) -> None:
        at = parse_target(endpoint)
        self._target = Target(at.origin, at.authority, "/")
        self.region = region
        self._key = key
        self._is_replaced = is_replaced
        self._keep_alive = keep_alive
        self._pool: Pool | None = None

    @property
    def origin(self) -> Origin:
        """The endpoint's server."""
        return self._target.origin

    def connect(self, seconds: float) -> AbstractContextManager[Connection | None]:
        """A connection for a `call` soon. What a first call would load is loaded, and the key read.

        Args:
            seconds: how long opening the connection may take; see `connected_ahead`.

        Raises:
            SecretUnusable: the key cannot be read.
        """
        from liveproof.outbound import connection, exchange  # noqa: F401 - for the call

        self._key()
        return connection.connected_ahead(self.origin, seconds)

    def call(
        self,
        service: str,
        version: str,
        action: str,
        parameters: dict[str, Any],
        timeout: float,
        *,
        regional: bool = True,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        """Make one request, once. A redirect is not followed.

        Args:
            timeout: seconds for all of it but the wait, from reading the key to the answer's last
                byte.
            regional: whether the action takes a region; if not, none is sent.
            connection: of `connect`; without one the request opens its own.
            wait: is called when the request is ready, and returns when it may leave. None: at once.

        Raises:
            NotSent: the key cannot be sent, or no connection could be made in time.
            KeyReplaced: the vendor refused the key, and there is another one now.
            OutcomeUnknown: timed out, cut off, or answered with something that is no API answer.
            SecretUnusable: the key cannot be read.
        """
        from liveproof.outbound.deadline import Deadline

        began = time.monotonic()
        document = json.dumps(parameters).encode()
        region = self.region if regional else None
        host, key = self._target.authority, self._key()
        try:
            headers = sign_headers(host, service, version, action, document, key, now_ms(), region)
        except ValueError as error:
            raise NotSent(str(error)) from None
        prepared = time.monotonic() - began
        if wait is not None:
            wait()
        deadline = Deadline(timeout - prepared)
        started = time.monotonic()
        try:
            body = self._send(headers, document, deadline, connection)
        except NeverSent as failed:
            raise NotSent(f"no connection to the vendor: {failed.why}") from None
        except ExchangeFailed as failed:
            raise OutcomeUnknown(f"no usable answer: {failed.why}") from None
        answer = _answer(body, milliseconds_since(started))
        code = answer.error
        if code is not None and code in _KEY_REFUSED and self._is_replaced(key):
            raise KeyReplaced(code, answer.request_id)
        return answer

    def ask(
        self, service: str, version: str, action: str, parameters: dict[str, Any], timeout: float
    ) -> dict[str, Any]:
        """Make one free request, with another key once more; its answer's fields.

        Raises:
            VendorRefused: the vendor answered with an error code.
            NotSent, OutcomeUnknown: as for `call`; harmless here.
        """
        started = time.monotonic()
        try:
            answer = self.call(service, version, action, parameters, timeout)
        except KeyReplaced:
            left = timeout - (time.monotonic() - started)
            answer = self.call(service, version, action, parameters, left)
        if answer.error is not None:
            raise VendorRefused(answer.error, answer.request_id)
        return answer.response

    def _send(
        self,
        headers: dict[str, str],
        document: bytes,
        deadline: Deadline,
        connection: Connection | None,
    ) -> bytes:
        """The answer's body. Raises ExchangeFailed, OutcomeUnknown."""
        from liveproof.outbound.connection import Pool
        from liveproof.outbound.exchange import exchange

        if self._keep_alive and self._pool is None:
            self._pool = Pool()
        with exchange(
            _METHOD,
            self._target,
            headers,
            document,
            deadline=deadline,
            connect_seconds=_CONNECT_SECONDS,
            pool=self._pool,
            opened=connection,
        ) as response:
            if response.status != 200:
                raise OutcomeUnknown(f"no usable answer: HTTP {response.status}")
            return response.whole(MAX_ANSWER_BYTES, decode=True)


def _answer(body: bytes, latency_ms: int) -> Answer:
    """API 3.0: an object `Response` with a RequestId, and with an Error if the request failed.

    An answer without a RequestId is none: nobody could ask the vendor about the call afterwards.
    """
    try:
        response = parse_object(body).get("Response")
    except Unreadable:
        raise OutcomeUnknown("the answer cannot be read") from None
    if not isinstance(response, dict):
        raise OutcomeUnknown("the answer has no Response")
    request_id = response.get("RequestId")
    if not isinstance(request_id, str) or not request_id:
        raise OutcomeUnknown("the answer has no RequestId")
    return Answer(response, _error_code(response), sanitize(request_id), latency_ms)


def _error_code(response: dict[str, Any]) -> str | None:
    error = response.get("Error")
    if error is None:
        return None
    code = error.get("Code") if isinstance(error, dict) else None
    if not isinstance(code, str) or not code:
        raise OutcomeUnknown("the answer has an Error without a Code")
    return sanitize(code)
