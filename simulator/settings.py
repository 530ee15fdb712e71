"""What the functions of a simulated deployment are configured with."""

from __future__ import annotations

import base64
import json
from typing import Any

from liveproof import facts
from liveproof.settings import Settings
from simulator.plan import Plan
from simulator.tencent import APP_ID, BUCKET_NAME

_REGIONS = {"aws": "ap-southeast-1", "tencent": "ap-singapore"}
_WEBHOOK_SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()


def settings_of(plan: Plan) -> Settings:
    """The defaults, but for the paces and the time limit of a call that the plan has."""
    defaults: dict[str, Any] = {}
    if plan.pace or plan.quota:
        changed = {check: plan.pace_of(check) for check in plan.checks}
        defaults["calls_per_second"] = {**facts.default_calls_per_second(), **changed}
    return Settings(
        cloud=plan.cloud,
        region=_REGIONS[plan.cloud],
        vendor_region="ap-singapore",
        vendor_endpoint="https://faceid.intl.tencentcloudapi.com",
        file_transfer="bucket" if plan.cloud == "tencent" else "relay",
        senseid_url="http://senseid.example",
        bucket=f"{BUCKET_NAME}-{APP_ID}",
        api_keys_secret="api-keys",
        webhooks_secret="webhooks",
        vendor_key_secret="vendor-key",
        senseid_key_secret="senseid-key",
        call_timeout_seconds=plan.call_timeout_seconds,
        **defaults,
    )


def secrets_of(plan: Plan) -> dict[str, bytes]:
    """The secrets that use cases read: the endpoint of each client's webhooks."""
    endpoints = {
        client: {"url": f"https://client-{number}.example/", "secrets": [_WEBHOOK_SECRET]}
        for number, client in enumerate(plan.clients)
    }
    return {"webhooks": json.dumps({"endpoints": endpoints}).encode()}
