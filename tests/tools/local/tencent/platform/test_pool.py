"""The containers of one function, without processes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from tools.local.tencent.platform.container import Container
from tools.local.tencent.platform.outcome import Failure, Outcome
from tools.local.tencent.platform.pool import Pool


class FakeContainer:
    """Echoes events; `dies` at the first one if told so."""

    def __init__(self, pid: int, *, dies: bool = False, initializes: bool = True) -> None:
        self.pid, self.alive, self.stopped = pid, True, False
        self._dies, self._initializes = dies, initializes

    async def initialize(self) -> Outcome:
        return Outcome(failure=None if self._initializes else Failure("exception", "no module"))

    async def invoke(self, event: object, context: Mapping[str, Any], timeout: float) -> Outcome:
        await asyncio.sleep(0)
        self.alive = not self._dies
        return Outcome((self.pid, event))

    async def stop(self) -> None:
        self.alive, self.stopped = False, True


class Started:
    """Starts fake containers with the pids 1, 2, ..."""

    def __init__(self, *options: dict[str, bool]) -> None:
        self._options = list(options)
        self.containers: list[FakeContainer] = []

    async def __call__(self) -> Container:
        options = self._options.pop(0) if self._options else {}
        self.containers.append(FakeContainer(len(self.containers) + 1, **options))
        return cast(Container, self.containers[-1])


def pool(start: Started, most: int = 2, idle_seconds: float = 60.0) -> Pool:
    return Pool(start, asyncio.Semaphore(1), most, idle_seconds)


def test_a_warm_container_is_reused_and_a_dead_one_is_replaced() -> None:
    async def run() -> None:
        start = Started({"dies": False}, {"dies": True})
        containers = pool(start)
        assert (await containers.run("a", {}, 1)).value == (1, "a")
        assert (await containers.run("b", {}, 1)).value == (1, "b")
        start.containers[0].alive = False
        assert (await containers.run("c", {}, 1)).value == (2, "c")
        assert start.containers[1].stopped
        assert (await containers.run("d", {}, 1)).value == (3, "d")

    asyncio.run(run())


def test_a_container_that_does_not_initialize_is_stopped_and_its_failure_returned() -> None:
    async def run() -> None:
        start = Started({"initializes": False})
        outcome = await pool(start).run("a", {}, 1)
        assert outcome.failure == Failure("exception", "no module")
        assert start.containers[0].stopped

    asyncio.run(run())


def test_more_than_the_most_wait_until_one_is_released() -> None:
    async def run() -> None:
        containers = pool(Started(), most=1)
        assert await containers.acquire(None)
        assert not await containers.acquire(0.01)
        containers.release()
        assert await containers.acquire(0.01)

    asyncio.run(run())


def test_only_containers_that_are_idle_for_too_long_or_dead_are_ended() -> None:
    async def run() -> None:
        start = Started()
        lasting = pool(start)
        await lasting.run("a", {}, 1)
        await lasting.end_idle()
        assert lasting.pids() == {"busy": [], "idle": [1]}
        start.containers[0].alive = False
        await lasting.end_idle()
        assert start.containers[0].stopped
        short = pool(start, idle_seconds=-1.0)
        await short.run("a", {}, 1)
        await short.end_idle()
        assert start.containers[1].stopped
        assert short.pids() == {"busy": [], "idle": []}

    asyncio.run(run())
