"""A webhook receiver with FastAPI.

pip install fastapi uvicorn standardwebhooks
WEBHOOK_SECRET=whsec_... uvicorn receiver:app --port 4000
"""

from __future__ import annotations

import os
from typing import Any

from fastapi import BackgroundTasks, FastAPI, Request, Response
from standardwebhooks import Webhook, WebhookVerificationError

MOST_BYTES = 16 * 1024  # a webhook has 4 kB at most; anybody can post to this route

app = FastAPI()
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
# In production: a table whose key is the webhook-id, written before the answer.
received: set[str] = set()


@app.post("/hook")
async def receive(request: Request, tasks: BackgroundTasks) -> Response:
    """Verify the bytes as they came, remember the id, answer, and work afterwards."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return Response(status_code=413)
    try:
        message = webhook.verify(bytes(body), dict(request.headers))
    except (WebhookVerificationError, ValueError):  # ValueError: no UTF-8, no base64
        return Response(status_code=401)
    message_id = request.headers["webhook-id"]
    if message_id not in received:  # a message may arrive twice
        received.add(message_id)
        tasks.add_task(work, message)
    return Response(status_code=204)


def work(message: dict[str, Any]) -> None:
    """Runs after the answer. Of all types only `verification.passed` is a yes."""
    print(message["type"], message["data"].get("reference"), flush=True)
