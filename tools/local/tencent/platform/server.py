"""The platform's servers: one for the APIs and the controls, one for each function with a URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import aiohttp
from aiohttp import web

from liveproof_emulator.keys import Key, Permission, new_key
from liveproof_emulator.requests import LOGGER
from tools.local.tencent.platform import wiring
from tools.local.tencent.platform.apis import Apis
from tools.local.tencent.platform.config import Config
from tools.local.tencent.platform.controls import PREFIX, Controls
from tools.local.tencent.platform.scf import Limits, Location, Scf
from tools.local.tencent.platform.urls import FunctionUrl
from tools.local.tencent.platform.wiring import Function

_ASK_SECONDS = 10.0
_STOP_SECONDS = 2.0

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """One deployment. To be made and used on a running loop.

    Attributes:
        url: of the APIs and the controls.
        urls: of the functions that have one, by name.
        operator: the key of an operator, who reads and writes secrets, invokes functions and reads
            the account's quota.
    """

    def __init__(self, config: Config, log: TextIO) -> None:
        self._config, self._log = config, log
        self._runners: list[web.AppRunner] = []
        self._scf: Scf | None = None
        self._serve_control: Serve | None = None
        self.url = ""
        self.urls: dict[str, str] = {}
        actions = ("GetSecretValue", "PutSecretValue", "UpdateSecret")
        permissions = [
            *(Permission(f"ssm:{name}", "*") for name in actions),
            *(Permission(f"scf:{name}", "*") for name in ("InvokeFunction", "GetAccount")),
        ]
        self.operator = new_key(permissions=permissions)

    async def start(self) -> None:
        """Listens, asks the emulator for keys and for the bucket's events, and starts the clocks.

        Raises:
            WiringError: functions.json and the values do not fit.
            OSError, aiohttp.ClientError: the emulator does not answer.
        """
        config = self._config
        self.url = await self._listen(self._control)
        values = {**config.values, "ssm_endpoint": self.url, "scf_endpoint": self.url}
        functions = {
            name: replace(
                function, timeout_seconds=config.timeouts.get(name, function.timeout_seconds)
            )
            for name, function in wiring.read(Path(config.functions), values).items()
        }
        location = Location(values["region"], values["bucket"])
        host = f"{location.bucket}.cos.{location.region}.myqcloud.com"
        keys = await self._keys(functions, host)
        limits = Limits(config.retry_seconds, config.idle_seconds, config.most_containers)
        code = {name: Path(folder) for name, folder in config.code.items()}
        self._scf = Scf(functions, keys, code, location, limits, self._log)
        apis = Apis(
            self._scf,
            {**keys, "operator": self.operator},
            concurrency_mb=config.concurrency_mb,
            reserved_mb=config.reserved_mb,
        )
        controls = Controls(self._scf, apis)

        async def serve(request: web.Request) -> web.StreamResponse:
            is_control = request.path.startswith(PREFIX)
            return await (controls.serve if is_control else apis.serve)(request)

        self._serve_control = serve
        for function in functions.values():
            if function.url:
                shape = config.api_gateway_shape
                url = FunctionUrl(self._scf, function, api_gateway_shape=shape)
                self.urls[function.name] = await self._listen(url.serve)
        if any(function.cos for function in functions.values()):
            receiver = {"bucket": host, "url": f"{self.url}{PREFIX}bucket-events"}
            await self._post_to_emulator("notifications", receiver)

    async def stop(self) -> None:
        """Kills every container and closes every connection."""
        if self._scf is not None:
            await self._scf.stop()
        for runner in self._runners:
            await runner.cleanup()

    async def _control(self, request: web.Request) -> web.StreamResponse:
        if self._serve_control is None:
            return web.json_response({"error": "starting"}, status=503)
        return await self._serve_control(request)

    async def _listen(self, serve: Serve) -> str:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", serve)
        # auto_decompress=False: bodies are signed, and handed on, as they came.
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=LOGGER,
            auto_decompress=False,
            shutdown_timeout=_STOP_SECONDS,
        )
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _keys(self, functions: Mapping[str, Function], host: str) -> dict[str, Key]:
        """A temporary key for each function. The emulator knows its permissions for the bucket;
        the APIs here read the others from the key."""
        steps = [step.deployed for step in wiring.steps(functions)]
        keys = {}
        for function in functions.values():
            storage = [
                {"action": f"cos:{action}", "resource": f"{host}/{prefix}*"}
                for prefix, actions in function.bucket.items()
                for action in actions
            ]
            document = await self._post_to_emulator("keys", {"permissions": storage})
            secrets = [
                Permission("ssm:GetSecretValue", secret.partition(":")[0])
                for secret in function.secrets
            ]
            invokes = [Permission("scf:InvokeFunction", step) for step in steps]
            forwards = [
                Permission("scf:InvokeFunction", functions[name].deployed)
                for name in function.forwards
            ]
            permissions = (*secrets, *(invokes if function.invokes else ()), *forwards)
            keys[function.name] = Key(
                document["secret_id"], document["secret_key"], document["token"], permissions
            )
        return keys

    async def _post_to_emulator(self, control: str, body: dict[str, Any]) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=_ASK_SECONDS)
        url = f"{self._config.emulator}/_emulator/{control}"
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.post(url, json=body, raise_for_status=True) as reply,
        ):
            answer: dict[str, Any] = await reply.json()
            return answer
