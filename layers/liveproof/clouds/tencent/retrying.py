"""Requests to Tencent Cloud's API that are safe to retry."""

from __future__ import annotations

from typing import Any

from liveproof.ports import Clock
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorError, VendorRefused
from liveproof.vendors.tencent.api import TencentApi

_TIMEOUT_SECONDS = 5.0
_PAUSES_MS = (200, 800)
_TRANSIENT = ("RequestLimitExceeded", "InternalError")
"""Codes of every API, and prefixes of codes, that a retry may not meet again.
Source: common error codes of API 3.0 (cloud.tencent.com/document/api/583/17239)."""


class RetryingApi:
    """One service's API; each request is made up to three times.

    Args:
        service: such as ssm.
        version: the API's, such as 2019-09-23.
    """

    def __init__(self, api: TencentApi, service: str, version: str, clock: Clock) -> None:
        self._api = api
        self._service = service
        self._version = version
        self._clock = clock

    def request(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer's fields.

        Raises:
            VendorError: the last attempt's.
        """
        for pause in _PAUSES_MS:
            try:
                return self._request_once(action, parameters)
            except VendorError as error:
                if not _is_transient(error):
                    raise
            self._clock.sleep_until(self._clock.now() + pause)
        return self._request_once(action, parameters)

    def _request_once(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._api.ask(self._service, self._version, action, parameters, _TIMEOUT_SECONDS)


def error_code(error: VendorError) -> str:
    """The vendor's code, or the name of our own error where the vendor gave none."""
    return error.code if isinstance(error, VendorRefused) else type(error).__name__


def _is_transient(error: VendorError) -> bool:
    if isinstance(error, VendorRefused):
        return error.code.startswith(_TRANSIENT)
    return isinstance(error, (NotSent, OutcomeUnknown))
