"""Requests to Tencent Cloud's API that may be made again without harm."""

from __future__ import annotations

from typing import Any

from liveproof.ports import Clock
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorError, VendorRefused
from liveproof.vendors.tencent.api import TencentApi

_TIMEOUT_SECONDS = 5.0
_PAUSES_MS = (200, 800)
_PASSING = ("RequestLimitExceeded", "InternalError")
"""Codes of every API, and what begins with them, that another try may not meet.
Source: common error codes of API 3.0 (cloud.tencent.com/document/api/583/17239)."""


def ask(
    api: TencentApi,
    clock: Clock,
    service: str,
    version: str,
    action: str,
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """The answer's fields, after three tries at the most.

    Raises:
        VendorError: what the last try met.
    """
    for pause in _PAUSES_MS:
        try:
            return api.ask(service, version, action, parameters, _TIMEOUT_SECONDS)
        except VendorError as error:
            if not _may_pass(error):
                raise
        clock.sleep_until(clock.now() + pause)
    return api.ask(service, version, action, parameters, _TIMEOUT_SECONDS)


def told(error: VendorError) -> str:
    """What happened, in a word: the vendor's code, or how the request failed."""
    return error.code if isinstance(error, VendorRefused) else type(error).__name__


def _may_pass(error: VendorError) -> bool:
    if isinstance(error, VendorRefused):
        return error.code.startswith(_PASSING)
    return isinstance(error, (NotSent, OutcomeUnknown))
