"""liveproof on the local Tencent Cloud: infra/tencent/functions.json as it is."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from liveproof.clouds.tencent import settings
from liveproof.domain.states import Step
from liveproof.settings import SettingsError
from liveproof_emulator.cos import events, v5_signature
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.store import Stored
from liveproof_emulator.keys import Key
from tools import ROOT, http_client
from tools.deployment import tfvars
from tools.local.cloud import LocalCloud
from tools.local.emulator import EmulatorProcess
from tools.local.tencent import bucket, unpacked
from tools.local.tencent.database import DatabaseSettings
from tools.local.tencent.platform import client as platform_client
from tools.local.tencent.platform import template, wiring
from tools.local.tencent.platform.client import Platform
from tools.local.tencent.platform.config import Config
from tools.packaging.tencent import zips
from tools.parameters import require_known as require_names
from tools.processes import ToolError

STAGE = "local"
BUCKET = f"liveproof-{STAGE}-1250000000"
_PREFIX = f"liveproof-{STAGE}-"
INFRA = ROOT / "infra" / "tencent"
_SECRETS = ("api_keys", "webhooks", "vendor_key", "senseid_key", "database")
_VERSION = "v1"
# Fields of the platform's configuration that are no parameters.
_NO_PARAMETERS = {"functions", "values", "emulator", "code", "log", "timeouts"}
# Names in functions.json to which the platform itself gives a value.
_PLATFORM_VALUES = {"ssm_endpoint", "scf_endpoint"}
_LOCAL, _TIMEOUT = "local_", "_timeout"
_BUCKET_SETTINGS = ("bucket_policy", "strict_signature")
CORS_PARAMETER = "cors_origins"
"""Origins of browsers that may upload, comma separated: the only variable of infra/tencent that is
a setting of the bucket and not of a function."""

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
    try:
        defaults = {
            name: text
            for file in ("variables.tf", "variables_settings.tf")
            for name, text in template.defaults(INFRA / file).items()
        }
    except template.WiringError as error:
        raise ToolError(str(error)) from None
    database = DatabaseSettings.of(os.environ, logs)
    local = {name.removeprefix(_LOCAL): text for name, text in parameters.items()
             if name.startswith(_LOCAL)}  # fmt: skip
    bucket_settings = {name: _is_on(local, name) for name in _BUCKET_SETTINGS}
    values = _values(defaults, parameters, vendor, database)
    _require_settings(values)
    bucket.prepare(
        vendor,
        _bucket_host(values["region"]),
        INFRA,
        cors_origins=parameters.get(CORS_PARAMETER, ""),
        policy=bucket_settings["bucket_policy"],
        strict=bucket_settings["strict_signature"],
    )
    with unpacked.code() as code:
        config = Config(
            functions=str(INFRA / "functions.json"),
            values=values,
            emulator=vendor.url,
            code={name: str(path) for name, path in code.items()},
            log=str(logs / "functions.log"),
            **_settings(local),
        )
        with platform_client.run_platform(config, logs) as platform:
            deployment = TencentDeployment(platform, vendor, values["region"], database)
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
                "name": _bucket_host(self.region).partition(".")[0],
                "endpoint": f"{self.vendor.url}/cos/{_bucket_host(self.region)}",
                "secret_id": self.vendor.secret_id,
                "secret_key": self.vendor.secret_key,
            },
            "account": {"endpoint": self.platform.url, **self.platform.operator},
            "secrets": {name: f"{_secret(name)}:{_VERSION}" for name in _SECRETS},
            "functions": {name: f"{_PREFIX}{name}" for name in zips.functions()},
        }

    def put_secrets(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for name, document in documents.items():
            self.platform.put_secret(_secret(name), _VERSION, json.dumps(document))

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
        deployed = None if function is None else f"{_PREFIX}{function}"
        processes = self.platform.processes()
        return [pid for pid, name in processes.items() if deployed in (None, name)]

    @property
    def _host(self) -> str:
        return _bucket_host(self.region)


def of(cloud: LocalCloud) -> TencentDeployment:
    """A local cloud's deployment, where it is on Tencent Cloud. Raises TypeError for another."""
    if not isinstance(cloud.deployment, TencentDeployment):
        raise TypeError(f"{cloud.name} is not the local Tencent Cloud")
    return cloud.deployment


def require_known(parameters: Mapping[str, str]) -> None:
    """Raises ToolError for a parameter that is no variable, or one without effect here."""
    platform_settings = {field.name for field in fields(Config)} - _NO_PARAMETERS
    timeouts = {f"{name}{_TIMEOUT}" for name in zips.functions()}
    local_names = {*platform_settings, *timeouts, *_BUCKET_SETTINGS}
    supported = {
        *_names(),
        CORS_PARAMETER,
        *(f"{_LOCAL}{name}" for name in local_names),
    } - _PLATFORM_VALUES
    unsupported = sorted((parameters.keys() & set(tfvars.variables())) - supported)
    if unsupported:
        raise ToolError(
            f"{', '.join(unsupported)}: the local cloud does not support it; only a deployment does"
        )
    require_names(parameters, supported, "infra/tencent")


def _names() -> set[str]:
    """Values that functions.json has a place for, and every setting but the cloud."""
    placed = template.names_in((INFRA / "functions.json").read_text(encoding="utf-8"))
    return placed | set(settings.TencentSettings.__struct_fields__) - {"cloud"}


def _is_on(local: dict[str, str], name: str) -> bool:
    """A switch of the bucket's, which is taken out of the platform's settings."""
    text = local.pop(name, "true")
    if text not in ("true", "false"):
        raise ToolError(f"{_LOCAL}{name} is true or false, not {text}")
    return text == "true"


def _values(
    defaults: Mapping[str, str],
    parameters: Mapping[str, str],
    vendor: EmulatorProcess,
    database: DatabaseSettings,
) -> dict[str, str]:
    """A value for everything that the functions are given but the platform's own."""
    names = _names()
    chosen = {
        name: text
        for name, text in parameters.items()
        if not name.startswith(_LOCAL) and name != CORS_PARAMETER
    }
    secrets = {f"{name}_secret": f"{_secret(name)}:{_VERSION}" for name in _SECRETS}
    if database.login is None:
        secrets["database_secret"] = ""
    region = chosen.get("region", defaults["region"])
    values = {
        **{name: text for name, text in defaults.items() if name in names - _PLATFORM_VALUES},
        **secrets,
        "bucket": BUCKET,
        "cos_endpoint": f"{vendor.url}/cos/{_bucket_host(region)}",
        "database_url": database.url,
        "function_prefix": _PREFIX,
        "iai_endpoint": vendor.url,
        "senseid_url": vendor.senseid_url,
        "vendor_endpoint": vendor.url,
        # The demo's receiver is on this machine.
        "webhook_address_policy": "any",
    }
    return {**values, **chosen}


def _require_settings(values: Mapping[str, str]) -> None:
    """Refuses what every function would refuse at its start, before anything is started."""
    platform = dict.fromkeys(_PLATFORM_VALUES, "http://127.0.0.1")
    try:
        functions = wiring.read(INFRA / "functions.json", {**values, **platform})
        settings.load(functions["api"].environment, values["region"])
    except (template.WiringError, SettingsError) as error:
        raise ToolError(str(error)) from None


def _settings(local: Mapping[str, str]) -> dict[str, Any]:
    """The platform's settings, of the types that they have."""
    types = {field.name: type(field.default) for field in fields(Config)}
    timeouts: dict[str, int] = {}
    values: dict[str, Any] = {"timeouts": timeouts}
    for name, text in local.items():
        function = name.removesuffix(_TIMEOUT)
        if function != name and function in zips.functions() and text.isdigit():
            timeouts[function] = int(text)
            continue
        kind = types.get(name)
        if kind not in (bool, int, float):
            raise ToolError(f"the local platform has no setting {_LOCAL}{name}")
        try:
            values[name] = text == "true" if kind is bool else kind(text)
        except ValueError:
            raise ToolError(f"{_LOCAL}{name} is no number: {text}") from None
    return values


def _secret(name: str) -> str:
    return _PREFIX + name.replace("_", "-")


def _bucket_host(region: str) -> str:
    return f"{BUCKET}.cos.{region}.myqcloud.com"


def _post(url: str, document: Mapping[str, str]) -> None:
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    answer = http_client.request("POST", url, headers, body, timeout=_READ_SECONDS)
    if answer.status != 200:
        raise ToolError(f"{url} answered {answer.status}")
