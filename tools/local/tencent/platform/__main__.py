"""`python -m tools.local.tencent.platform CONFIG`: serves until SIGTERM; its first line is JSON."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import TextIO

import aiohttp

from tools.local.tencent.platform.config import Config
from tools.local.tencent.platform.server import Server
from tools.local.tencent.platform.template import WiringError


async def _serve(config: Config, log: TextIO) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = Server(config, log)
    try:
        await server.start()
        operator = {
            "secret_id": server.operator.secret_id,
            "secret_key": server.operator.secret_key,
        }
        first = {"url": server.url, "urls": server.urls, "operator": operator}
        print(json.dumps(first), flush=True)
        await stop.wait()
    finally:
        await server.stop()


def main() -> int:
    """Run; 0 after a signal, 1 if it cannot start, with the reason on standard error."""
    try:
        config = Config.read(Path(sys.argv[1]))
        with Path(config.log).open("a", encoding="utf-8") as log:
            asyncio.run(_serve(config, log))
    except (WiringError, OSError, aiohttp.ClientError) as problem:
        print(f"local Tencent Cloud: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
