"""Plays a plan on a local cloud and tells each step: request, upload, decision, webhook."""

from __future__ import annotations

import json
import mimetypes
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from liveproof_client import Liveproof, models
from tools.demo.table import Paint
from tools.first_run import by_hand
from tools.first_run.planning import Plan
from tools.local.cloud import LocalCloud
from tools.local.receiver import ReceivedWebhook
from tools.processes import ToolError

_SECONDS = 60.0
_SHOWN_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-attempt", "webhook-signature")


def tell(cloud: LocalCloud, plan: Plan, paint: Paint) -> int:
    """Prints every step on standard output; 0 if the webhook came and verified.

    Raises:
        LiveproofError: the API or the bucket refused something.
        ToolError: no decision or no webhook came.
    """
    body, paths = request(plan), _saved(plan, cloud.logs)
    with Liveproof(cloud.api, cloud.api_key) as api:
        _title(paint, "1. Your server asks for a verification")
        print(f"POST {cloud.api}/v1/verifications")
        print(_json(body))
        created = api.create(body)
        print(paint("green", f"201: {created['id']}, uploads until {created['expires_at']}"))

        _title(paint, "2. The app uploads straight to the bucket")
        for name, upload in created["uploads"].items():
            parts = urlsplit(upload["url"])
            print(f"PUT {parts.scheme}://{parts.netloc}{parts.path}?(signature)")
            print(f"    {paths[name]}")
            for header, value in upload["headers"].items():
                print(paint("dim", f"    {header}: {value}"))
            api.upload(created, {name: plan.files[name].data})
            print(paint("green", f"200: the bucket has {len(plan.files[name].data):,} bytes"))

        _title(paint, "3. The bucket's event starts liveproof, which proves the bytes and decides")
        verification = api.wait_for_decision(created["id"], _SECONDS, poll_seconds=0.1)
    reason = verification["reason"]
    for call in verification["calls"]:
        print(f"vendor call {call['action']}: {call['code']}, billable: {call['billable']}")
    code = reason["code"] if reason else ""
    print(
        paint(
            "green", f"{verification['decision']} ({code}): {reason['message'] if reason else ''}"
        )
    )
    print(f"scores: {json.dumps(verification['scores'])}")

    _title(paint, "4. A signed webhook brings the decision to your server")
    webhook = cloud.receiver.wait_for(created["id"], time.monotonic() + _SECONDS)
    if webhook is None:
        raise ToolError(f"no webhook came within {_SECONDS:.0f} s; logs are in {cloud.logs}")
    _show(webhook, paint)

    _title(paint, "By hand: `make local` in one terminal; in another what it prints, then")
    print(by_hand.commands(body, paths))
    verified = "webhook verified" if webhook.verified else "webhook NOT verified"
    print(f"\ntry: {verification['decision']} ({code}), {verified}", flush=True)
    return 0 if webhook.verified else 1


def request(plan: Plan) -> models.CreateVerification:
    """The body of POST /v1/verifications."""
    inputs = {name: sample.declaration() for name, sample in plan.files.items()}
    body = {"check": plan.check, "inputs": inputs, "reference": "my first verification"}
    return cast(models.CreateVerification, body)


def _saved(plan: Plan, folder: Path) -> dict[str, str]:
    """A path for each input: the user's own, or a drawn file in the folder."""
    paths = dict(plan.paths)
    for name, sample in plan.files.items():
        if name not in paths:
            file = folder / f"{name}{mimetypes.guess_extension(sample.content_type) or ''}"
            file.write_bytes(sample.data)
            paths[name] = str(file)
    return paths


def _show(webhook: ReceivedWebhook, paint: Paint) -> None:
    for name in _SHOWN_HEADERS:
        if name in webhook.headers:
            print(paint("dim", f"    {name}: {webhook.headers[name]}"))
    print(_json(webhook.payload()))
    if webhook.verified:
        print(paint("green", "verified: v1 (HMAC) and v1a (Ed25519) sign exactly these bytes"))
    else:
        print(paint("red", "the signature does NOT verify"))


def _title(paint: Paint, text: str) -> None:
    print("\n" + paint("bold", text), flush=True)


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
