"""The console's server: the page, the API behind it, and what happens, for one browser's user."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from liveproof.domain.ids import is_verification_id
from tools.console import guard
from tools.console.changes import Changes
from tools.console.site import ExtraRefused, Extras, Site
from tools.console.upstream import ApiSilent, Upstream

_HOST = "127.0.0.1"
_MAX_BODY_BYTES = 64 * 1024
_STOP_SECONDS = 5.0
_NOT_BUILT = (
    "<!doctype html><html lang=en><title>liveproof console</title>"
    "<h1>The console's page is not built</h1><p>Run <code>make console</code> and load this page"
    " again. It needs Node.js.</p></html>"
)
_TYPES = {
    ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """Where a console is. `token` lets a page in; `url` without it shows an empty page."""

    url: str
    token: str

    @property
    def page(self) -> str:
        """What to open in a browser."""
        return f"{self.url}/#token={self.token}"


class Console:
    """A console in its own thread. `begin` says what it is about, and may come later."""

    def __init__(self, port: int = 0) -> None:
        """Listens at once. Raises OSError if the port is taken.

        Args:
            port: on 127.0.0.1; 0 takes a free one.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)
        self._token = secrets.token_urlsafe(24)
        self._runner: web.AppRunner | None = None
        self._socket = _listening(port)
        self._port = int(self._socket.getsockname()[1])
        self._thread.start()

    @property
    def address(self) -> Address:
        """Where it is."""
        return Address(f"http://{_HOST}:{self._port}", self._token)

    def begin(self, site: Site) -> None:
        """Serves a site from now on."""
        asyncio.run_coroutine_threadsafe(self._begin(site), self._loop).result(_STOP_SECONDS)

    def stop(self) -> None:
        """Closes everything; pages that are open lose their stream."""
        with suppress(asyncio.TimeoutError, TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)
        self._socket.close()
        if not self._loop.is_running():
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _begin(self, site: Site) -> None:
        app = _application(site, self._token, lambda: self._port)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def _end(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


@contextmanager
def serving(site: Site, port: int = 0) -> Iterator[Address]:
    """Serves a console until the block ends. Raises OSError if the port is taken."""
    console = Console(port)
    try:
        console.begin(site)
        yield console.address
    finally:
        console.stop()


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _application(site: Site, token: str, port: Callable[[], int]) -> web.Application:
    policy = guard.content_policy(site.bucket_sources)
    app = web.Application(
        middlewares=[guard.guard(token, port, policy)], client_max_size=_MAX_BODY_BYTES
    )
    routes = _Routes(site, policy)
    app.on_startup.append(routes.start)
    app.on_shutdown.append(routes.stop)
    app.router.add_get("/api/setup", routes.setup)
    app.router.add_get("/api/events", routes.events)
    app.router.add_route("*", "/api/clients/{client}/{path:v1/.*}", routes.ask)
    if site.extras is not None:
        local = _LocalRoutes(site.extras, routes)
        app.router.add_post("/api/local/faults", local.queue_fault)
        app.router.add_post("/api/local/clear", local.clear)
        app.router.add_put("/api/local/forwarding/{client}", local.forward)
        app.router.add_get("/api/local/samples/{check}/{name}", local.sample)
    app.router.add_get("/{path:.*}", routes.page)
    return app


class _Routes:
    """What every console serves."""

    def __init__(self, site: Site, policy: str) -> None:
        self._site, self._policy = site, policy
        self._upstream: Upstream
        self.changes: Changes

    async def start(self, app: web.Application) -> None:
        self._upstream = Upstream(self._site.api, self._site.keys)
        self.changes = Changes(self._upstream, self._site.extras, self._site.seconds)
        if self._site.extras is not None:
            loop = asyncio.get_running_loop()

            def arrived() -> None:
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self.changes.look_now)

            self._site.extras.listen(arrived)

    async def stop(self, app: web.Application) -> None:
        await self.changes.close()
        await self._upstream.close()

    async def setup(self, request: web.Request) -> web.Response:
        try:
            setup = await asyncio.to_thread(self._site.setup)
        except (OSError, ExtraRefused) as error:
            return web.json_response({"detail": str(error)}, status=502)
        return web.json_response(setup)

    async def events(self, request: web.Request) -> web.StreamResponse:
        watched = request.query.get("watch")
        if watched is not None and not is_verification_id(watched):
            raise web.HTTPBadRequest(reason="watch is no id of a verification")
        response = web.StreamResponse(
            headers={**guard.headers(self._policy), "Content-Type": "text/event-stream"}
        )
        await response.prepare(request)
        with suppress(ConnectionError):
            async for event in self.changes.events(watched):
                await response.write(event)
        return response

    async def ask(self, request: web.Request) -> web.Response:
        """Asks the API with the client's key, and hands its answer on."""
        client, path = request.match_info["client"], "/" + request.match_info["path"]
        if client not in self._upstream.clients or not self._upstream.is_offered(
            request.method, path
        ):
            raise web.HTTPNotFound(reason="The console offers no such route")
        body = await request.read()
        try:
            answer = await self._upstream.ask(
                client,
                request.method,
                path,
                request.rel_url.raw_query_string,
                request.headers,
                body or None,
            )
        except ApiSilent as error:
            return web.json_response({"detail": str(error), "code": "no_answer"}, status=502)
        if request.method != "GET":
            self.changes.look_now()
        return web.Response(
            body=answer.body, status=answer.status, content_type=answer.content_type
        )

    async def page(self, request: web.Request) -> web.Response:
        """A file of the built page."""
        path = request.match_info["path"] or "index.html"
        try:
            file = (self._site.page / path).resolve()
        except (OSError, ValueError):  # no name of a file: too long, or with a NUL
            raise web.HTTPNotFound(reason="There is no such file") from None
        if not file.is_relative_to(self._site.page.resolve()) or file.suffix not in _TYPES:
            raise web.HTTPNotFound(reason="There is no such file")
        body = await asyncio.to_thread(_read, file)
        if body is None and path == "index.html":
            return web.Response(text=_NOT_BUILT, content_type="text/html", status=503)
        if body is None:
            raise web.HTTPNotFound(reason="There is no such file")
        return web.Response(body=body, content_type=_TYPES[file.suffix], charset="utf-8")


class _LocalRoutes:
    """What the console of a local cloud serves beside."""

    def __init__(self, extras: Extras, routes: _Routes) -> None:
        self._extras, self._routes = extras, routes

    async def queue_fault(self, request: web.Request) -> web.Response:
        body = await _object(request)
        action, fault, times = body.get("action"), body.get("fault"), body.get("times", 1)
        if not (isinstance(action, str) and isinstance(fault, str) and isinstance(times, int)):
            raise web.HTTPBadRequest(reason="action and fault are texts, times is a number")
        return await self._done(lambda: self._extras.queue_fault(action, fault, times))

    async def clear(self, request: web.Request) -> web.Response:
        return await self._done(self._extras.clear)

    async def forward(self, request: web.Request) -> web.Response:
        url = (await _object(request)).get("url")
        if url is not None and not isinstance(url, str):
            raise web.HTTPBadRequest(reason="url is a text, or null")
        client = request.match_info["client"]
        return await self._done(lambda: self._extras.forward_webhooks(client, url))

    async def sample(self, request: web.Request) -> web.Response:
        check, name = request.match_info["check"], request.match_info["name"]
        try:
            body, content_type = await asyncio.to_thread(self._extras.sample, check, name)
        except ExtraRefused as error:
            raise web.HTTPNotFound(reason=str(error)) from None
        return web.Response(body=body, content_type=content_type)

    async def _done(self, act: Callable[[], None]) -> web.Response:
        try:
            await asyncio.to_thread(act)
        except ExtraRefused as error:
            return web.json_response({"detail": str(error)}, status=400)
        except OSError as error:
            return web.json_response({"detail": str(error)}, status=502)
        self._routes.changes.look_now()
        return web.json_response({})


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(reason="The body has to be a JSON object")
    return body


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
