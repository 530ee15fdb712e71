"""The local clouds that the suites share: short times, and more clients than one that may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tools.local import cloud
from tools.local.clients import CLIENT, new_client, new_key
from tools.local.cloud import LocalCloud

# Shorter than in production, so that what killed workers leave behind comes again within a minute.
# A loaded machine wakes its processes late; calls need more air than in production.
PAGE_ORIGIN = "http://localhost:3000"
"""Whose pages may upload, as in docs/web-apps.md."""

PARAMETERS = {
    "aws": {
        "corsOrigins": f"https://app.example,{PAGE_ORIGIN}",
        "callsPerSecond": '{"reflect": 3}',
        "callTimeoutSeconds": "5",
        "runCheckTimeoutSeconds": "30",
        "uploadsVisibilitySeconds": "15",
        "checksVisibilitySeconds": "30",
        "deliveriesVisibilitySeconds": "15",
        "erasuresVisibilitySeconds": "15",
    },
    "tencent": {
        "cors_origins": f"https://app.example,{PAGE_ORIGIN}",
        "calls_per_second": '{"reflect": 3}',
        "call_timeout_seconds": "5",
        # A step waits for its time inside the function.
        "local_run_check_timeout": "45",
        "local_retry_seconds": "5",
    },
}
SECOND_CLIENT = "second"
SECOND_API_KEY = "lp_theSecondClientsKey-canaryOfTheSecond"
CONTRACT_CLIENT = "contract"
"""Asks for so much that it is beside the clients of other tests."""

SECOND_USERINFO = "canaryUser:canaryPassword"
"""In the URL of the second client's endpoint."""


@contextmanager
def running(name: str) -> Iterator[LocalCloud]:
    """A local cloud with three clients, until the block ends. See `tools.local.cloud.run_cloud`."""
    clients = [
        new_client(CLIENT),
        replace(new_client(SECOND_CLIENT), api_key=SECOND_API_KEY),
        new_client(CONTRACT_CLIENT),
    ]
    with cloud.run_cloud(name, PARAMETERS[name], clients) as made:
        # Before the first request: functions keep the secrets that they have read.
        endpoints = {client.name: client.endpoint(made.endpoints) for client in clients}
        second = endpoints[SECOND_CLIENT]
        second["url"] = second["url"].replace("://", f"://{SECOND_USERINFO}@")
        keys = [{"key": new_key("whsk_")}]
        made.deployment.put_secrets({"webhooks": {"endpoints": endpoints, "evidence_keys": keys}})
        yield made
