"""`python -m bench.delivery.backlog_receiver`: the endpoints of `backlog.py`.

`POST /NUMBER` takes a webhook; the first endpoints never answer. `GET /seen` says how often each
webhook id has come. The first line on standard output is JSON with `url`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from aiohttp import web

from bench.delivery.backlog import HANGING


async def _serve() -> None:
    seen: Counter[str] = Counter()

    async def take(request: web.Request) -> web.Response:
        await request.read()
        if int(request.match_info["number"]) < HANGING:
            await asyncio.sleep(3600)
        seen[request.headers["webhook-id"]] += 1
        return web.Response(status=204)

    async def tell(_: web.Request) -> web.Response:
        return web.json_response(seen)

    app = web.Application()
    app.router.add_post("/{number}", take)
    app.router.add_get("/seen", tell)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
