"""The server: API gateway, storage, SenseID and controls on one port."""

import ipaddress
from collections.abc import Callable, Mapping

from aiohttp import web

from liveproof_emulator.api.gateway import Gateway
from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.controls import PREFIX, Controls
from liveproof_emulator.cos.address import target_of
from liveproof_emulator.cos.service import Cos
from liveproof_emulator.keys import Keys
from liveproof_emulator.replies import close_connection, deliver, json_reply
from liveproof_emulator.requests import LOGGER
from liveproof_emulator.senseid import service
from liveproof_emulator.senseid.cipher import Cipher, published
from liveproof_emulator.state import State

_STOP_SECONDS = 5.0
# Above the vendor's cap for GET, so that the gateway refuses a longer one and not aiohttp.
_MAX_LINE_BYTES = 65536


def quiet(line: dict[str, object]) -> None:
    """A log that keeps nothing."""
    del line


class Emulator:
    """One emulator. Create and start it on a running event loop.

    Args:
        keys: of the customer and the vendor; None: random ones.
        log: gets one line per call, without file bytes, signatures and secrets.
        calls_per_second: limits by action, instead of the documented ones.
        cipher: SenseID's key and IV; None: the published ones.

    Raises:
        ValueError: a limit is below 1, or its action does not exist.
    """

    def __init__(
        self,
        keys: Keys | None = None,
        log: Callable[[dict[str, object]], None] = quiet,
        calls_per_second: Mapping[str, int] | None = None,
        cipher: Cipher | None = None,
    ) -> None:
        catalogue = Catalogue()
        limits = dict(calls_per_second or {})
        for action, limit in limits.items():
            if action not in catalogue.actions or limit < 1:
                raise ValueError(f"calls per second: {action}={limit}")
        self._state = State(keys or Keys(), log, catalogue.faults)
        self._cos = Cos(self._state)
        self._gateway = Gateway(self._state, catalogue, self._cos.store, limits)
        self._senseid = service.SenseId(self._state, cipher or published())
        self.controls = Controls(self._state, catalogue, self._cos, self.reset)
        self._runner: web.AppRunner | None = None

    def reset(self) -> None:
        """Forget calls, objects, faults, rates and events in flight; set the clock right.

        Keys, buckets' settings and the receivers of events stay.
        """
        for part in (self._state, self._gateway, self._cos):
            part.reset()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the URL, without a slash at the end. OSError if the address is in use."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._serve)
        # auto_decompress=False: signatures and MD5s are of the bytes as they came.
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=LOGGER,
            auto_decompress=False,
            shutdown_timeout=_STOP_SECONDS,
            max_line_size=_MAX_LINE_BYTES,
        )
        await runner.setup()
        await self._gateway.open()
        await self._cos.notifications.open()
        self._runner = runner
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        bound = runner.addresses[0]
        name = f"[{host}]" if _is_ipv6(host) else host
        return f"http://{name}:{bound[1]}"

    async def stop(self) -> None:
        """Close every connection, also the silent ones."""
        self._state.stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._cos.notifications.close()
        await self._gateway.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._dispatch(request)
        except ConnectionError:
            # The caller hung up before its request was complete.
            return close_connection(request)

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        target = target_of(request)
        if target is not None:
            return await self._cos.serve(request, target)
        path = request.raw_path.partition("?")[0]
        if path.startswith(PREFIX):
            reply = await self.controls.serve(request)
        elif path.startswith(f"{service.PREFIX}/"):
            return await self._senseid.serve(request)
        elif path == "/":
            return await self._gateway.serve(request)
        else:
            places = (
                f"the API is at /, storage at /cos/, SenseID at /senseid/, controls at {PREFIX}"
            )
            reply = json_reply({"error": places}, 404)
        return await deliver(request, reply, None, self._state.stopping)


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
