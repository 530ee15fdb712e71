"""What happens in a deployment, as server-sent events: the API is looked at while a page is open.

A page gets everything once, then what changed. Events are named `verifications`, `calls`,
`webhooks` and `trouble`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from tools.console.site import ExtraRefused, Extras
from tools.console.upstream import ApiAnswer, ApiSilent, Upstream

NEWEST = 50
"""So many verifications of each client are looked at."""

_CALLS = 200
_WEBHOOKS = 500
_QUEUED = 100
_KEEP_ALIVE_SECONDS = 15.0

Event = tuple[str, Any]


Views = Mapping[str, Mapping[str, Any]]
"""Verifications by id, each with its client."""


class _Page:
    """A page that is open, and what it was told."""

    def __init__(self, watched: str | None) -> None:
        self.watched = watched
        self.queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUED)
        self._told: dict[str, Any] = {}

    def tell(self, name: str, value: Any) -> None:
        """Raises QueueFull for a page that does not read."""
        if name not in self._told or self._told[name] != value:
            self._told[name] = value
            self.queue.put_nowait((name, value))

    def tell_verifications(self, newest: Views, watched: Views) -> None:
        """Those that are new or have changed; first all. Raises QueueFull."""
        shown = {**newest, **{id: view for id, view in watched.items() if id == self.watched}}
        before: Views | None = self._told.get("verifications")
        changed = [view for id, view in shown.items() if (before or {}).get(id) != view]
        if changed or before is None:
            self.queue.put_nowait(("verifications", changed))
        self._told["verifications"] = shown


class Changes:
    """Looks at the API and tells every open page what changed. Used on one event loop.

    A page is told what was seen since its stream began, and nothing that was seen before: it may
    know more by then, and what it shows no more is looked at no more.
    """

    def __init__(self, upstream: Upstream, extras: Extras | None, seconds: float) -> None:
        self._upstream, self._extras, self._seconds = upstream, extras, seconds
        self._pages: list[_Page] = []
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
        page = _Page(watched)
        self._pages.append(page)
        self._look_now.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        try:
            yield b": here\n\n"
            while page in self._pages or not page.queue.empty():
                try:
                    name, data = await asyncio.wait_for(page.queue.get(), _KEEP_ALIVE_SECONDS)
                except asyncio.TimeoutError:
                    yield b": still here\n\n"
                    continue
                yield b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
        finally:
            self._drop(page)

    async def close(self) -> None:
        """Looks no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _look_on(self) -> None:
        while self._pages:
            self._look_now.clear()
            await self._look(list(self._pages))
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), self._seconds)

    async def _look(self, pages: Sequence[_Page]) -> None:
        """One look, of which these pages are told: those that were open before it began."""
        trouble = ""
        try:
            newest = await self._newest()
            older = {page.watched for page in pages if page.watched} - set(newest)
            watched = await self._watched(older)
            self._tell(pages, lambda page: page.tell_verifications(newest, watched))
        except ApiSilent as error:
            trouble = str(error)
        if self._extras is not None:
            for name, read in (
                ("calls", lambda extras: extras.calls()[-_CALLS:]),
                ("webhooks", lambda extras: extras.webhooks()[-_WEBHOOKS:]),
            ):
                try:
                    value = await asyncio.to_thread(read, self._extras)
                except (OSError, ExtraRefused) as error:
                    trouble = trouble or f"The local cloud does not answer: {error}"
                else:
                    self._tell(pages, partial(_Page.tell, name=name, value=value))
        self._tell(pages, partial(_Page.tell, name="trouble", value=trouble))

    async def _newest(self) -> Views:
        seen = {}
        for client in self._upstream.clients:
            answer = await self._upstream.ask(client, "GET", "/v1/verifications", f"limit={NEWEST}")
            for view in _listed(answer):
                seen[view["id"]] = {**view, "client": client}
        return seen

    async def _watched(self, ids: Iterable[str]) -> Views:
        """Those of them that there are."""
        seen = {}
        for watched in ids:
            for client in self._upstream.clients:
                answer = await self._upstream.ask(client, "GET", f"/v1/verifications/{watched}")
                if answer.status == 200:
                    seen[watched] = {**answer.document(), "client": client}
                    break
        return seen

    def _tell(self, pages: Sequence[_Page], tell: Callable[[_Page], None]) -> None:
        for page in pages:
            try:
                tell(page)
            except asyncio.QueueFull:  # a page that does not read
                self._drop(page)

    def _drop(self, page: _Page) -> None:
        with suppress(ValueError):
            self._pages.remove(page)


def _listed(answer: ApiAnswer) -> list[Mapping[str, Any]]:
    """The verifications of a page. Raises ApiSilent if something else than the API answered."""
    views = answer.document().get("verifications")
    if not isinstance(views, list) or not all(
        isinstance(view, dict) and isinstance(view.get("id"), str) for view in views
    ):
        raise ApiSilent("What answers at the API's address is not liveproof's API")
    return views
