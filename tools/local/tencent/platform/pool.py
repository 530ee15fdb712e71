"""The containers of one function: reused while they are warm, started when all are busy."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tools.local.tencent.platform.container import Container
from tools.local.tencent.platform.outcome import Failure, Outcome

_FREED_SECONDS = 0.02

Start = Callable[[], Awaitable[Container]]


class Pool:
    """At most `most` containers; one that had nothing to do for `idle_seconds` is ended.

    All pools share `starting`. It limits how many processes import their code at once: in a burst
    the first of them finish the work before dozens have started.
    """

    def __init__(
        self, start: Start, starting: asyncio.Semaphore, most: int, idle_seconds: float
    ) -> None:
        self._start, self._starting = start, starting
        self._idle_seconds = idle_seconds
        self._free = asyncio.Semaphore(most)
        # The last one used is at the end, and is the next one used: the others can go.
        self._idle: list[tuple[float, Container]] = []
        self._busy: set[Container] = set()
        self._freed = asyncio.Event()
        self._retired: set[Container] = set()

    def pids(self) -> dict[str, list[int]]:
        """The process ids of `busy` and of `idle` containers."""
        return {
            "busy": [container.pid for container in self._busy],
            "idle": [container.pid for _, container in self._idle if container.alive],
        }

    async def acquire(self, seconds: float | None) -> bool:
        """Waits for the right to run one event; False if there was none in time. After True, call
        `release`."""
        try:
            await asyncio.wait_for(self._free.acquire(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    def release(self) -> None:
        """Gives back the right that `acquire` got."""
        self._free.release()

    async def run(self, event: object, context: Mapping[str, Any], timeout: float) -> Outcome:
        """Runs one event in a warm container, or in a new one. Call `acquire` first."""
        container = self._warm() or await self._started()
        if isinstance(container, Failure):
            return Outcome(failure=container)
        self._busy.add(container)
        try:
            return await container.invoke(event, context, timeout)
        finally:
            self._busy.discard(container)
            if container.alive and container not in self._retired:
                self._idle.append((time.monotonic(), container))
                self._freed.set()
            else:
                self._retired.discard(container)
                await container.stop()

    async def _started(self) -> Container | Failure:
        """A new container, or one that has become free before there was time to start one."""
        async with self._starting:
            container = self._warm() or await self._freed_soon()
            if container is not None:
                return container
            try:
                container = await self._start()
            except OSError as error:
                return Failure("system", f"no container: {error}")
            self._busy.add(container)
            try:
                failure = (await container.initialize()).failure
            finally:
                self._busy.discard(container)
            if failure is not None:
                await container.stop()
                return failure
            return container

    async def _freed_soon(self) -> Container | None:
        """Most events take less time than starting a process."""
        if not self._busy:
            return None
        self._freed.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._freed.wait(), _FREED_SECONDS)
        return self._warm()

    def _warm(self) -> Container | None:
        while self._idle:
            _, container = self._idle.pop()
            if container.alive:
                return container
        return None

    async def end_idle(self) -> None:
        """Ends containers that had nothing to do for too long, and those that died."""
        now = time.monotonic()
        idle, self._idle = self._idle, []
        ended = []
        for since, container in idle:
            if container.alive and now - since <= self._idle_seconds:
                self._idle.append((since, container))
            else:
                ended.append(container)
        for container in ended:
            await container.stop()

    async def retire(self) -> None:
        """Ends the idle containers, and each busy one after its event."""
        self._retired |= self._busy
        idle, self._idle = self._idle, []
        for _, container in idle:
            await container.stop()

    async def stop(self) -> None:
        """Kills every container."""
        for container in [*self._busy, *(container for _, container in self._idle)]:
            await container.stop()
