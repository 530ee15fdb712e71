"""How a request to AWS fails. No text holds a URL, a header or a value of either side.

AwsError
├── AwsUnanswered            no usable answer came
└── AwsRefused               AWS answered with an error
    ├── ConditionFailed      a conditional write's condition does not hold
    ├── TransactionCanceled  nothing of a transaction was written
    └── ResourceMissing      there is no such table, queue or secret, or the secret has no value
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CODE = re.compile(r"[A-Za-z0-9._]{1,64}")
_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown",
        "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
        "TransactionInProgressException",
    }
)  # fmt: skip
"""Codes of requests that came too fast. Source: botocore 1.43.106, retries/standard.py."""
_TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException"})
"""Other codes that a retry may not meet again. Source: the same."""
_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})


class AwsError(Exception):
    """A request that AWS did not execute, or may not have executed.

    Attributes:
        sent: whether an attempt may have been executed although no answer said so.
        may_pass: whether a retry may succeed.
        throttled: whether the request came too fast.
    """

    sent = False
    may_pass = True
    throttled = False


class AwsUnanswered(AwsError):
    """No connection, or no usable answer in time."""

    def __init__(self, operation: str, why: str, *, sent: bool) -> None:
        super().__init__(f"AWS did not answer to {operation}: {why}")
        self.sent = sent


class AwsRefused(AwsError):
    """An answer that is an error.

    Attributes:
        status: of HTTP.
        code: AWS's own, such as AccessDeniedException.
        document: the answer of a JSON API. It may hold a record; nothing logs it.
    """

    def __init__(
        self, operation: str, status: int, code: str, document: Mapping[str, Any] | None = None
    ) -> None:
        self.code = code if _CODE.fullmatch(code) else "unreadable"
        super().__init__(f"AWS refused {operation}: {status} {self.code}")
        self.status = status
        self.document: Mapping[str, Any] = document or {}
        self.throttled = self.code in _THROTTLED
        self.may_pass = self.throttled or self.code in _TRANSIENT or status in _TRANSIENT_STATUSES


class ConditionFailed(AwsRefused):
    """The item is in `document["Item"]` if the request asked for it."""


class TransactionCanceled(AwsRefused):
    """`document["CancellationReasons"]` has a reason per write, in their order."""


class ResourceMissing(AwsRefused):
    """What the request names is not there."""


REFUSALS: Mapping[str, type[AwsRefused]] = {
    "ConditionalCheckFailedException": ConditionFailed,
    "TransactionCanceledException": TransactionCanceled,
    "ResourceNotFoundException": ResourceMissing,
}
"""The JSON APIs' codes that mean something to a caller."""
