"""Requests to AWS's APIs: signed, bounded in time and bytes, attempted up to three times.

boto3 does the same without a total time, and importing it costs more than a function's whole first
event does here (`make bench`). The test suite holds every request equal to botocore's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import random
from time import sleep
from typing import Any, TypeVar

import msgspec

from liveproof.clock import now_ms
from liveproof.clouds.aws.errors import REFUSALS, AwsError, AwsRefused, AwsUnanswered
from liveproof.clouds.aws.signature import Credentials, Scope, sign_headers
from liveproof.outbound.connection import Pool
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import AnswerLost, ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.outbound.response import Response
from liveproof.outbound.urls import parse_target

_CONNECT_SECONDS = 3.0
_CALL_SECONDS = 5.0
"""For one attempt of a call, from looking up the name to the answer's last byte."""
_MAX_ANSWER_BYTES = 20_000_000
"""BatchGetItem answers with 16 MB of items at most (DynamoDB API reference)."""
_ATTEMPTS = 3
_THROTTLED_PAUSE_SECONDS = 1.0
_PAUSE_SECONDS = 0.05
"""The longest first pauses; the next ones are twice as long. Each is shortened at random.
Attempts, pauses and the errors that are retried are those of botocore's newest standard mode."""

T = TypeVar("T")


def retry(attempt: Callable[[], T]) -> T:
    """What `attempt` returns, called again after errors that may pass.

    Raises:
        AwsError: the last attempt's; `sent` if any attempt may have been executed.
    """
    sent = False
    for number in range(_ATTEMPTS):
        try:
            return attempt()
        except AwsError as error:
            error.sent = sent = sent or error.sent
            if not error.may_pass or number == _ATTEMPTS - 1:
                raise
            longest = _THROTTLED_PAUSE_SECONDS if error.throttled else _PAUSE_SECONDS
        sleep(random() * longest * 2**number)  # noqa: S311 - spreads retries, guards nothing
    raise AssertionError("the last attempt returns or raises")


class Api:
    """One service in one region, over kept connections.

    Args:
        credentials: returns the key to sign with. Called for every request, since keys rotate.
    """

    def __init__(self, scope: Scope, credentials: Callable[[], Credentials]) -> None:
        self.scope = scope
        self._credentials = credentials
        # A connection that the server closed meanwhile fails like a lost answer, and is retried.
        self._pool = Pool()

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        total_seconds: float,
        idle_seconds: float | None = None,
    ) -> Response:
        """One attempt's answer, of any status, its body unread. No redirect is followed.

        Raises:
            AwsUnanswered: there is none.
        """
        key = self._credentials()
        try:
            return exchange(
                method,
                parse_target(url),
                sign_headers(method, url, headers, body, key, self.scope, now_ms()),
                None if method == "GET" else body,
                deadline=Deadline(total_seconds),
                connect_seconds=_CONNECT_SECONDS,
                idle_seconds=idle_seconds,
                pool=self._pool,
            )
        except ExchangeFailed as failed:
            sent = isinstance(failed, AnswerLost)
            raise AwsUnanswered(operation, failed.why, sent=sent) from None


class JsonApi(Api):
    """A service that speaks AWS's JSON protocol.

    Args:
        url: the endpoint, with a path of `/`.
        prefix: of X-Amz-Target, such as DynamoDB_20120810.
        version: of the protocol, such as 1.0.
    """

    def __init__(
        self,
        scope: Scope,
        credentials: Callable[[], Credentials],
        url: str,
        prefix: str,
        version: str,
    ) -> None:
        super().__init__(scope, credentials)
        self._url = url
        self._prefix = prefix
        self._content_type = f"application/x-amz-json-{version}"

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """The answer's fields.

        Args:
            operation: the API's name of it, such as PutItem.
            parameters: as the API reference names them; no binary values.

        Raises:
            AwsError: the last attempt's.
        """
        body = json.dumps(parameters).encode()
        return retry(lambda: self._call_once(operation, body))

    def call_at_most_once(self, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """The same, without a retry after an attempt that may have been executed."""
        body = json.dumps(parameters).encode()

        def attempt() -> dict[str, Any]:
            try:
                return self._call_once(operation, body)
            except AwsError as error:
                if error.sent or (isinstance(error, AwsRefused) and error.status >= 500):
                    error.may_pass = False
                raise

        return retry(attempt)

    def _call_once(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"{self._prefix}.{operation}",
            "Content-Type": self._content_type,
        }
        response = self.send(
            operation, "POST", self._url, headers, body, total_seconds=_CALL_SECONDS
        )
        try:
            answer = response.whole(_MAX_ANSWER_BYTES)
        except AnswerLost as lost:
            raise AwsUnanswered(operation, lost.why, sent=True) from None
        if response.status != 200:
            raise _refusal(operation, response, answer)
        try:
            return msgspec.json.decode(answer or b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise AwsUnanswered(operation, "no JSON object", sent=True) from None


def _refusal(operation: str, response: Response, answer: bytes) -> AwsRefused:
    """The error in an answer. A proxy's error has no code of AWS, so the status stands for it."""
    try:
        document = msgspec.json.decode(answer, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        document = {}
    named = response.headers.get("x-amzn-ErrorType") or document.get("__type")
    # A namespace may stand before the name, an address after it.
    code = str(named or response.status).partition(":")[0].rpartition("#")[2]
    return REFUSALS.get(code, AwsRefused)(operation, response.status, code, document)
