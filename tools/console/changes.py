"""What happens in a deployment, as server-sent events: the API is looked at while a page is open.

A page gets everything once, then what changed. Events are named `verifications`, `calls`,
`webhooks` and `trouble`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from tools.console.site import Extras
from tools.console.upstream import ApiAnswer, ApiSilent, Upstream

NEWEST = 50
"""So many verifications of each client are looked at."""

_CALLS = 200
_WEBHOOKS = 500
_QUEUED = 100
_KEEP_ALIVE_SECONDS = 15.0

Event = tuple[str, Any]


class Changes:
    """Looks at the API and tells every open page what changed. Used on one event loop."""

    def __init__(self, upstream: Upstream, extras: Extras | None, seconds: float) -> None:
        self._upstream, self._extras, self._seconds = upstream, extras, seconds
        self._pages: dict[asyncio.Queue[Event], str | None] = {}
        self._last: dict[str, Any] = {}
        self._look_now = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def look_now(self) -> None:
        """Something happened: the next look is at once."""
        self._look_now.set()

    async def events(self, watched: str | None) -> AsyncIterator[bytes]:
        """The stream of one page; it ends if the page reads too slowly, and then asks again.

        Args:
            watched: a verification that the page shows, which may be older than the newest.
        """
        queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUED)
        # What the last look saw is told at once; what changes is told to all.
        for event in _whole(self._last):
            queue.put_nowait(event)
        self._pages[queue] = watched
        self._look_now.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        try:
            yield b": here\n\n"
            while queue in self._pages or not queue.empty():
                try:
                    name, data = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_SECONDS)
                except asyncio.TimeoutError:
                    yield b": still here\n\n"
                    continue
                yield b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
        finally:
            self._pages.pop(queue, None)

    async def close(self) -> None:
        """Looks no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _look_on(self) -> None:
        while self._pages:
            self._look_now.clear()
            await self._look()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), self._seconds)

    async def _look(self) -> None:
        trouble = ""
        try:
            await self._look_at_verifications()
        except ApiSilent as error:
            trouble = str(error)
        if self._extras is not None:
            try:
                self._changed("calls", (await asyncio.to_thread(self._extras.calls))[-_CALLS:])
            except OSError as error:
                trouble = trouble or f"The emulator does not answer: {error}"
            self._changed("webhooks", self._extras.webhooks()[-_WEBHOOKS:])
        self._changed("trouble", trouble)

    async def _look_at_verifications(self) -> None:
        seen: dict[str, Mapping[str, Any]] = {}
        for client in self._upstream.clients:
            answer = await self._upstream.ask(client, "GET", "/v1/verifications", f"limit={NEWEST}")
            for view in _listed(answer):
                seen[view["id"]] = {**view, "client": client}
        for watched in {page for page in self._pages.values() if page} - set(seen):
            older = await self._one(watched)
            if older is not None:
                seen[watched] = older
        before: dict[str, Any] = self._last.get("verifications", {})
        changed = [view for key, view in seen.items() if before.get(key) != view]
        if changed or "verifications" not in self._last:
            self._last["verifications"] = seen
            self._tell(("verifications", changed))

    async def _one(self, watched: str) -> Mapping[str, Any] | None:
        path = f"/v1/verifications/{watched}"
        for client in self._upstream.clients:
            answer = await self._upstream.ask(client, "GET", path)
            if answer.status == 200:
                return {**answer.document(), "client": client}
        return None

    def _changed(self, name: str, value: Any) -> None:
        if self._last.get(name) != value:
            self._last[name] = value
            self._tell((name, value))

    def _tell(self, event: Event) -> None:
        for queue in list(self._pages):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:  # a page that does not read
                self._pages.pop(queue)


def _listed(answer: ApiAnswer) -> list[Mapping[str, Any]]:
    """The verifications of a page. Raises ApiSilent if something else than the API answered."""
    views = answer.document().get("verifications")
    if not isinstance(views, list) or not all(
        isinstance(view, dict) and isinstance(view.get("id"), str) for view in views
    ):
        raise ApiSilent("What answers at the API's address is not liveproof's API")
    return views


def _whole(last: Mapping[str, Any]) -> Iterable[Event]:
    """Everything of the last look, as events."""
    for name, value in last.items():
        yield name, list(value.values()) if name == "verifications" else value
