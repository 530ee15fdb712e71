"""The server: API gateway, storage and controls on one port."""

import ipaddress
from collections.abc import Callable, Mapping

from aiohttp import web

from liveproof_emulator.api.gateway import Gateway, World
from liveproof_emulator.bad_requests import LOGGER
from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.controls import PREFIX, Controls
from liveproof_emulator.cos.address import target_of
from liveproof_emulator.cos.service import Cos
from liveproof_emulator.keys import Keys
from liveproof_emulator.replies import abandoned, deliver, json_reply
from liveproof_emulator.senseid import service
from liveproof_emulator.senseid.cipher import Cipher, published

_STOP_SECONDS = 5.0
# Over the vendor's cap for GET, so that it is our answer that refuses a longer one.
_LONGEST_LINE = 65536


def quiet(line: dict[str, object]) -> None:
    """Log nothing."""
    del line


class Emulator:
    """One emulator, to be started on a running event loop.

    Args:
        keys: what callers sign with; random if left out.
        log: gets one line per call, free of bytes, signatures and secrets.
        calls_per_second: other limits than the documented ones, by action.
        cipher: SenseID's key and IV; the published ones if left out.
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
        self.world = World(catalogue, keys or Keys(), log, limits)
        self._gateway = Gateway(self.world)
        self._cos = Cos(self.world)
        self._senseid = service.SenseId(self.world, cipher or published())
        self.controls = Controls(self.world)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and give back the URL. OSError if the address is taken."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._serve)
        # auto_decompress=False: signatures and MD5s are of the bytes as they came.
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=LOGGER,
            auto_decompress=False,
            shutdown_timeout=_STOP_SECONDS,
            max_line_size=_LONGEST_LINE,
        )
        await runner.setup()
        await self.world.downloads.open()
        await self.world.notifications.open()
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
        """Close every connection, the silent ones as well."""
        self.world.stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.world.notifications.close()
        await self.world.downloads.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._dispatch(request)
        except ConnectionError:
            # The caller hung up before its request was whole: there is nobody to answer.
            return abandoned(request)

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
            told = f"the API is at /, storage at /cos/, SenseID at /senseid/, controls at {PREFIX}"
            reply = json_reply({"error": told}, 404)
        return await deliver(request, reply, None, self.world.stopping)


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
