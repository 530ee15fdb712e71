"""The local cloud: serverless.yml as it is, deployed by osls to a local AWS; emulated vendors."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from liveproof import facts
from local import BUILD, client, emulator, layer, ministack, package
from local.processes import LocalCloudError
from local.receiver import Receiver
from local.server import serving

STAGE = "local"
CLIENT = "demo"
# A folder for each run, with its logs; the newest are kept, and LATEST leads to the last.
RUNS = BUILD / "local" / "runs"
LATEST = BUILD / "local" / "logs"
_KEPT_RUNS = 5


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud and what a client of it needs."""

    api: str
    api_key: str
    console: str
    webhooks: str
    webhook_secret: str
    receiver: Receiver
    emulator: emulator.Emulator
    aws: ministack.LocalAws
    outputs: Mapping[str, str]
    logs: Path

    def document(self) -> dict[str, str]:
        """What `make local` prints first."""
        return {
            "api": self.api,
            "api_key": self.api_key,
            "emulator": self.emulator.url,
            "console": self.console,
            "webhooks": self.webhooks,
            "webhook_secret": self.webhook_secret,
        }

    def require_running(self) -> None:
        """Raises LocalCloudError if one of its programs has ended."""
        self.aws.child.require_running()
        self.emulator.child.require_running()


def say(text: str) -> None:
    """Progress for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def running(
    parameters: Mapping[str, str] | None = None, region: str = package.REGION
) -> Iterator[LocalCloud]:
    """A local cloud until the block ends; every program that it started ends with it.

    Args:
        parameters: params of serverless.yml to set, for example
            `{"checksVisibilitySeconds": "20"}` when a test kills functions.
        region: the AWS region that it plays.

    Raises:
        LocalCloudError: something did not start or deploy; the text shows the right log's end.
    """
    started = time.monotonic()
    api_key = "lp_" + secrets.token_urlsafe(32)
    webhook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    receiver = Receiver(webhook_secret)
    logs = _new_run()
    with ExitStack() as stack:
        aws = stack.enter_context(ministack.running(region, logs / "ministack.log"))
        vendor = stack.enter_context(emulator.running(logs / "emulator.log"))
        service = package.snapshot(logs / "service")
        stack.callback(shutil.rmtree, service, ignore_errors=True)
        layer.build("local", service / package.LAYER)
        say(f"{_since(started)}  local AWS and emulator are up; deploying serverless.yml")
        outputs = deploy(service, aws, {**_vendors(vendor), **(parameters or {})}, logs)
        stack.enter_context(
            aws.following_function_logs(f"liveproof-{STAGE}-", logs / "functions.log")
        )
        api = aws.http_api_url(outputs["HttpApiId"])
        console = stack.enter_context(
            serving(receiver, lambda: state_of(client.Api(api, api_key, 10), receiver, vendor))
        )
        webhooks = f"{console}/webhooks"
        put_secrets(aws, outputs, vendor, api_key, webhooks, webhook_secret)
        cloud = LocalCloud(
            api, api_key, console, webhooks, webhook_secret, receiver, vendor, aws, outputs, logs
        )
        say(f"{_since(started)}  deployed; logs are in {logs}")
        yield cloud


def deploy(
    service: Path, aws: ministack.LocalAws, parameters: Mapping[str, str], logs: Path
) -> dict[str, str]:
    """Deploys a snapshot of the service to a local AWS; returns the stack's outputs.

    Raises:
        LocalCloudError: osls refused or the stack failed; the text shows the log's end.
    """
    arguments = ["deploy", "--stage", STAGE]
    values = {"layerPath": package.LAYER, **parameters}
    package.osls(arguments, values, service, aws, logs / "osls.log")
    stacks = aws.client("cloudformation").describe_stacks(StackName=f"liveproof-{STAGE}")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stacks[0]["Outputs"]}


def _vendors(vendor: emulator.Emulator) -> dict[str, str]:
    """The params that put the emulator in the vendors' places."""
    return {
        "vendorEndpoint": vendor.url,
        "iaiEndpoint": vendor.url,
        "senseIdUrl": vendor.senseid_url,
    }


def put_secrets(
    aws: ministack.LocalAws,
    outputs: Mapping[str, str],
    vendor: emulator.Emulator,
    api_key: str,
    webhooks: str,
    webhook_secret: str,
) -> None:
    """Does what an operator does after the first deployment."""
    digest = hashlib.sha256(api_key.encode()).hexdigest()
    values: dict[str, dict[str, Any]] = {
        "VendorKey": {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key},
        "SenseIdKey": {"key": vendor.senseid_key, "iv": vendor.senseid_iv},
        "ApiKeys": {"clients": {CLIENT: {"keys_sha256": [digest]}}},
        "Webhooks": {"endpoints": {CLIENT: {"url": webhooks, "secrets": [webhook_secret]}}},
    }
    manager = aws.client("secretsmanager")
    for name, value in values.items():
        manager.put_secret_value(
            SecretId=outputs[f"{name}SecretArn"], SecretString=json.dumps(value)
        )


def stay_up(cloud: LocalCloud) -> None:
    """Never returns: raises LocalCloudError if a program ends, or what a signal raises."""
    while True:
        cloud.require_running()
        time.sleep(0.5)


def _new_run() -> Path:
    RUNS.mkdir(parents=True, exist_ok=True)
    ended = [each for each in sorted(RUNS.iterdir()) if not _runs(each)]
    for old in ended[: -_KEPT_RUNS + 1]:
        shutil.rmtree(old, ignore_errors=True)
    logs = RUNS / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{os.getpid()}"
    logs.mkdir(exist_ok=True)
    link = logs / "latest"
    link.symlink_to(logs.relative_to(LATEST.parent))
    link.replace(LATEST)
    return logs


def _runs(folder: Path) -> bool:
    try:
        os.kill(int(folder.name.rpartition("-")[2]), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True  # somebody else's process
    return True


def state_of(api: client.Api, receiver: Receiver, vendor: emulator.Emulator) -> dict[str, Any]:
    """What the console page shows."""
    webhooks: dict[str, dict[str, int]] = {}
    for each in receiver.received():
        counts = webhooks.setdefault(each.verification_id() or "", {"arrived": 0, "verified": 0})
        counts["arrived"] += 1
        counts["verified"] += each.verified
    shown: dict[str, Any] = {
        "checks": list(facts.checks()),
        "verifications": [],
        "calls": [],
        "webhooks": webhooks,
        "trouble": "",
    }
    try:
        return shown | {
            "verifications": api.newest(100)["verifications"],
            "calls": vendor.calls()[-100:][::-1],
        }
    except (client.ApiError, OSError, LocalCloudError) as error:
        return shown | {"trouble": str(error)}


def _since(started: float) -> str:
    return f"{time.monotonic() - started:5.1f} s"
