"""liveproof on the local Tencent Cloud: infra/tencent/functions.json as it is."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from liveproof.domain.states import Step
from liveproof_emulator.cos import events, v5_signature
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.store import Stored
from liveproof_emulator.keys import Key
from tools import http_client
from tools.local.cloud import LocalCloud
from tools.local.emulator import EmulatorProcess
from tools.local.tencent import bucket, names, unpacked
from tools.local.tencent.database import DatabaseSettings
from tools.local.tencent.parameters import choose
from tools.local.tencent.platform import client as platform_client
from tools.local.tencent.platform.client import Platform
from tools.local.tencent.platform.config import Config
from tools.packaging.tencent import zips
from tools.processes import ToolError

_READ_SECONDS = 30


@contextmanager
def run_deployment(
    vendor: EmulatorProcess, parameters: Mapping[str, str], logs: Path
) -> Iterator[TencentDeployment]:
    """liveproof on a local SCF of its own, until the block ends.

    The records are in a file, or in the server of the environment's DATABASE_URL.

    Args:
        vendor: plays the vendors and COS.
        parameters: variables of infra/tencent to set; and of the platform, with `local_` before
            their names: `local_retry_seconds`, `local_idle_seconds`, `local_most_containers`,
            `local_api_gateway_shape` (`true`), `local_FUNCTION_timeout` (seconds); of the bucket
            `local_bucket_policy` and `local_strict_signature` (`false`: it has none).
        logs: where everything is logged.

    Raises:
        ToolError: something did not start or fit; the text says what.
    """
    database = DatabaseSettings.of(os.environ, logs)
    chosen = choose(parameters, vendor, database)
    region = chosen.values["region"]
    bucket.prepare(
        vendor,
        names.bucket_host(region),
        names.INFRA,
        cors_origins=chosen.cors_origins,
        policy=chosen.has_policy,
        strict=chosen.is_strict,
    )
    with unpacked.code() as code:
        config = Config(
            functions=str(names.INFRA / "functions.json"),
            values=chosen.values,
            emulator=vendor.url,
            code={name: str(path) for name, path in code.items()},
            log=str(logs / "functions.log"),
            **chosen.platform,
        )
        with platform_client.run_platform(config, logs) as platform:
            deployment = TencentDeployment(platform, vendor, region, database)
            if database.login is not None:
                deployment.put_secrets({"database": database.login})
            yield deployment


@dataclass(frozen=True)
class TencentDeployment:
    """A platform that runs liveproof, and the emulator that keeps its bucket."""

    platform: Platform
    vendor: EmulatorProcess
    region: str
    database: DatabaseSettings

    @property
    def api(self) -> str:
        if "api" not in self.platform.urls:
            raise ToolError("infra/tencent gives the function api no URL")
        return self.platform.urls["api"]

    def document(self) -> dict[str, Any]:
        login = None if self.database.login is None else dict(self.database.login)
        return {
            "region": self.region,
            "database_url": self.database.url,
            "login": login,
            "bucket": {
                "name": names.bucket_host(self.region).partition(".")[0],
                "endpoint": f"{self.vendor.url}/cos/{names.bucket_host(self.region)}",
                "secret_id": self.vendor.secret_id,
                "secret_key": self.vendor.secret_key,
            },
            "account": {"endpoint": self.platform.url, **self.platform.operator},
            "secrets": {
                name: f"{names.secret_name(name)}:{names.VERSION}" for name in names.SECRETS
            },
            "functions": {name: f"{names.FUNCTION_PREFIX}{name}" for name in zips.functions()},
        }

    def put_secrets(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for name, document in documents.items():
            self.platform.put_secret(names.secret_name(name), names.VERSION, json.dumps(document))

    def require_running(self) -> None:
        self.platform.child.require_running()

    @contextmanager
    def without_trigger(self) -> Iterator[None]:
        notifications = f"{self.vendor.url}/_emulator/notifications"
        bucket = {"bucket": self._host}
        _post(notifications, bucket)
        try:
            yield
        finally:
            _post(notifications, {**bucket, "url": f"{self.platform.url}/_platform/bucket-events"})

    @contextmanager
    def with_variable(self, function: str, name: str, text: str) -> Iterator[None]:
        self.platform.change_environment(function, {name: text})
        try:
            yield
        finally:
            self.platform.change_environment(function, {})

    def stored(self, key: str) -> bytes:
        account = Key(self.vendor.secret_id, self.vendor.secret_key)
        now = int(time.time())
        url = v5_signature.presign(
            account, "GET", self.vendor.url, self._host, key, now - 60, now + 60
        )
        answer = http_client.request("GET", url, timeout=_READ_SECONDS)
        if answer.status != 200:
            raise ToolError(f"{key} cannot be read: COS answered {answer.status}")
        return answer.body

    def send(self, step: Step, message: Mapping[str, Any], times: int = 1) -> None:
        self.platform.send(step.value, dict(message), times)

    def object_created(self, url: str, times: int = 1) -> None:
        key = unquote(urlsplit(url).path).partition(f"{self._host}/")[2]
        target = Target(self._host, key, (), ())
        stored = Stored(b"", "application/octet-stream", time.time())
        event = events.object_created(target, stored, uuid.uuid4().hex, "127.0.0.1", "")
        for _ in range(times):
            if not self.platform.bucket_event(event):
                raise ToolError(f"no function gets the event of {key}")

    def sweep(self) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = {"Type": "Timer", "TriggerName": "sweep", "Time": now, "Message": ""}
        self.platform.invoke("sweep", event)

    def waiting(self) -> int:
        answer = http_client.request(
            "GET", f"{self.vendor.url}/_emulator/notifications", timeout=10
        )
        in_flight: int = json.loads(answer.body)["waiting"]
        return in_flight + len(self.platform.waiting())

    def dead_letters(self) -> int:
        return len(self.platform.dead_letters())

    def retries(self) -> int:
        return self.platform.retries()

    def workers(self, function: str | None = None) -> list[int]:
        deployed = None if function is None else f"{names.FUNCTION_PREFIX}{function}"
        processes = self.platform.processes()
        return [pid for pid, name in processes.items() if deployed in (None, name)]

    @property
    def _host(self) -> str:
        return names.bucket_host(self.region)


def of(cloud: LocalCloud) -> TencentDeployment:
    """A local cloud's deployment, where it is on Tencent Cloud. Raises TypeError for another."""
    if not isinstance(cloud.deployment, TencentDeployment):
        raise TypeError(f"{cloud.name} is not the local Tencent Cloud")
    return cloud.deployment


def _post(url: str, document: Mapping[str, str]) -> None:
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    answer = http_client.request("POST", url, headers, body, timeout=_READ_SECONDS)
    if answer.status != 200:
        raise ToolError(f"{url} answered {answer.status}")
