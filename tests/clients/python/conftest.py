"""The client in both forms: every test of behaviour runs with each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from liveproof_client import AsyncLiveproof, Liveproof
from liveproof_client.waiting import Clock
from tests.clients.python.server import Server, serving

Ask = Callable[..., Any]
"""Calls a method of the client by its name."""


class FastClock(Clock):
    """Pauses take no time, but the clock advances by them."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def now(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def sleep_async(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture(params=["blocking", "async"])
def ask(request: pytest.FixtureRequest, server: Server, clock: FastClock) -> Ask:
    def blocking(method: str, *arguments: Any, **options: Any) -> Any:
        with Liveproof(server.url, "lp_key", clock=clock) as client:
            answer = getattr(client, method)(*arguments, **options)
            return list(answer) if isinstance(answer, Iterator) else answer

    async def wait(method: str, *arguments: Any, **options: Any) -> Any:
        async with AsyncLiveproof(server.url, "lp_key", clock=clock) as client:
            answer = getattr(client, method)(*arguments, **options)
            if isinstance(answer, AsyncIterator):
                return [element async for element in answer]
            return await answer

    def asynchronous(method: str, *arguments: Any, **options: Any) -> Any:
        return asyncio.run(wait(method, *arguments, **options))

    return blocking if request.param == "blocking" else asynchronous
