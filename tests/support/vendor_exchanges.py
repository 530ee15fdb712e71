"""The HTTP exchanges of vendor clients as moments at which a function may be stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from liveproof.outbound import exchange as outbound
from liveproof.outbound.response import Response
from liveproof.outbound.urls import Target
from tests.support.crash_points import CrashPoints
from tests.support.memory import MemoryClock

_EXCHANGE_MS = 300


@contextmanager
def exchanges_as_moments(crash_points: CrashPoints, clock: MemoryClock) -> Iterator[None]:
    """Until the block ends, each exchange is an operation of the crash points and takes time.

    Before it, nothing of the request has left. After it, the vendor has executed the request, and
    the function has read nothing but the head of the answer.
    """
    send = outbound.exchange

    def exchange(
        method: str, target: Target, headers: Mapping[str, str], *arguments: Any, **named: Any
    ) -> Response:
        response = None
        try:
            with crash_points.around(f"exchange {_name(method, target, headers)}"):
                response = send(method, target, headers, *arguments, **named)
                clock.advance(_EXCHANGE_MS)
        except BaseException:
            if response is not None:
                response.close()
            raise
        return response

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(outbound, "exchange", exchange)
        yield


def _name(method: str, target: Target, headers: Mapping[str, str]) -> str:
    """The action of Tencent Cloud's API, the last part of SenseID's path, or the method alone."""
    action = headers.get("X-TC-Action")
    if action is None and method == "POST":
        action = target.path.rpartition("/")[2]
    return action or method
