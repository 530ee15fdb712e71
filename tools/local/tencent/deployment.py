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
from tools import ROOT, processes
from tools.deployment import tfvars
from tools.local import client
from tools.local.cloud import LocalCloud
from tools.local.emulator import Emulator
from tools.local.tencent import bucket
from tools.local.tencent import unpacked as code
from tools.local.tencent.database import Database
from tools.local.tencent.platform import client as platform_client
from tools.local.tencent.platform import template, wiring
from tools.local.tencent.platform.client import Platform
from tools.local.tencent.platform.config import Config
from tools.packaging.tencent import zips
from tools.parameters import require_known as require_names
from tools.processes import LocalCloudError

STAGE = "local"
BUCKET = f"liveproof-{STAGE}-1250000000"
_PREFIX = f"liveproof-{STAGE}-"
INFRA = ROOT / "infra" / "tencent"
_SECRETS = ("api_keys", "webhooks", "vendor_key", "senseid_key", "database")
_VERSION = "v1"
# What of the platform's configuration is no parameter.
_NO_SETTINGS = {"functions", "values", "emulator", "code", "log", "timeouts"}
# What the platform itself gives a value to.
_PLATFORMS = {"ssm_endpoint", "scf_endpoint"}
_LOCAL, _TIMEOUT = "local_", "_timeout"
_OF_THE_BUCKET = ("bucket_policy", "strict_signature")
# The one variable that is the bucket's and no function's.
_CORS = "cors_origins"
_READ_SECONDS = 30


@contextmanager
def running(
    vendor: Emulator, parameters: Mapping[str, str], logs: Path
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
        LocalCloudError: something did not start or fit; the text says what.
    """
    try:
        defaults = {
            name: text
            for file in ("variables.tf", "variables_settings.tf")
            for name, text in template.defaults(INFRA / file).items()
        }
    except template.WiringError as error:
        raise LocalCloudError(str(error)) from None
    database = Database.of(os.environ, logs)
    local = {name.removeprefix(_LOCAL): text for name, text in parameters.items()
             if name.startswith(_LOCAL)}  # fmt: skip
    bucket_settings = {name: _is_on(local, name) for name in _OF_THE_BUCKET}
    values = _values(defaults, parameters, vendor, database)
    _require_settings(values)
    folder = logs / "functions"
    bucket.prepare(
        vendor,
        _bucket_host(values["region"]),
        INFRA,
        cors_origins=parameters.get(_CORS, ""),
        policy=bucket_settings["bucket_policy"],
        strict=bucket_settings["strict_signature"],
    )
    try:
        unpacked = code.unpack(folder)
        config = Config(
            functions=str(INFRA / "functions.json"),
            values=values,
            emulator=vendor.url,
            code={name: str(each) for name, each in unpacked.items()},
            log=str(logs / "functions.log"),
            **_settings(local),
        )
        with platform_client.running(config, logs) as platform:
            deployment = TencentDeployment(platform, vendor, values["region"])
            if database.login is not None:
                deployment.put_secrets({"database": database.login})
            yield deployment
    finally:
        processes.remove(folder)


@dataclass(frozen=True)
class TencentDeployment:
    """A platform that runs liveproof, and the emulator that keeps its bucket."""

    platform: Platform
    vendor: Emulator
    region: str

    @property
    def api(self) -> str:
        if "api" not in self.platform.urls:
            raise LocalCloudError("infra/tencent gives the function api no URL")
        return self.platform.urls["api"]

    def put_secrets(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for name, document in documents.items():
            self.platform.put_secret(_secret(name), _VERSION, json.dumps(document))

    def require_running(self) -> None:
        self.platform.child.require_running()

    def stored(self, key: str) -> bytes:
        account = Key(self.vendor.secret_id, self.vendor.secret_key)
        now = int(time.time())
        url = v5_signature.presign(
            account, "GET", self.vendor.url, self._host, key, now - 60, now + 60
        )
        answer = client.request("GET", url, timeout=_READ_SECONDS)
        if answer.status != 200:
            raise LocalCloudError(f"{key} cannot be read: COS answered {answer.status}")
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
                raise LocalCloudError(f"no function is told of {key}")

    def sweep(self) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = {"Type": "Timer", "TriggerName": "sweep", "Time": now, "Message": ""}
        self.platform.invoke("sweep", event)

    def waiting(self) -> int:
        answer = client.request("GET", f"{self.vendor.url}/_emulator/notifications", timeout=10)
        on_their_way: int = json.loads(answer.body)["waiting"]
        return on_their_way + len(self.platform.waiting())

    def given_up(self) -> int:
        return len(self.platform.given_up())

    def workers(self, function: str | None = None) -> list[int]:
        running = self.platform.processes()
        wanted = None if function is None else f"{_PREFIX}{function}"
        return [pid for pid, name in running.items() if wanted in (None, name)]

    @property
    def _host(self) -> str:
        return _bucket_host(self.region)


def of(cloud: LocalCloud) -> TencentDeployment:
    """A local cloud's deployment, where it is on Tencent Cloud. Raises TypeError for another."""
    if not isinstance(cloud.deployment, TencentDeployment):
        raise TypeError(f"{cloud.name} is not the local Tencent Cloud")
    return cloud.deployment


def require_known(parameters: Mapping[str, str]) -> None:
    """Raises LocalCloudError for a parameter that is no variable, or none that is played here."""
    settings_of_platform = {each.name for each in fields(Config)} - _NO_SETTINGS
    timeouts = {f"{name}{_TIMEOUT}" for name in zips.functions()}
    own = {*settings_of_platform, *timeouts, *_OF_THE_BUCKET}
    played = {*_names(), _CORS, *(f"{_LOCAL}{name}" for name in own)} - _PLATFORMS
    unplayed = sorted((parameters.keys() & set(tfvars.known())) - played)
    if unplayed:
        raise LocalCloudError(
            f"{', '.join(unplayed)}: the local cloud does not play what infra/tencent does with it"
        )
    require_names(parameters, played, "infra/tencent")


def _names() -> set[str]:
    """Values that functions.json has a place for, and every setting but the cloud."""
    placed = template.names_in((INFRA / "functions.json").read_text(encoding="utf-8"))
    return placed | set(settings.TencentSettings.__struct_fields__) - {"cloud"}


def _is_on(local: dict[str, str], name: str) -> bool:
    """A switch of the bucket's, which is taken out of the platform's settings."""
    text = local.pop(name, "true")
    if text not in ("true", "false"):
        raise LocalCloudError(f"{_LOCAL}{name} is true or false, not {text}")
    return text == "true"


def _values(
    defaults: Mapping[str, str],
    parameters: Mapping[str, str],
    vendor: Emulator,
    database: Database,
) -> dict[str, str]:
    """A value for everything that the functions are given but the platform's own."""
    known = _names()
    asked = {
        name: text
        for name, text in parameters.items()
        if not name.startswith(_LOCAL) and name != _CORS
    }
    secrets = {f"{name}_secret": f"{_secret(name)}:{_VERSION}" for name in _SECRETS}
    if database.login is None:
        secrets["database_secret"] = ""
    region = asked.get("region", defaults["region"])
    values = {
        **{name: text for name, text in defaults.items() if name in known - _PLATFORMS},
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
    return {**values, **asked}


def _require_settings(values: Mapping[str, str]) -> None:
    """Refuses what every function would refuse at its start, before anything is started."""
    platform = dict.fromkeys(_PLATFORMS, "http://127.0.0.1")
    try:
        functions = wiring.read(INFRA / "functions.json", {**values, **platform})
        settings.load(functions["api"].environment, values["region"])
    except (template.WiringError, SettingsError) as error:
        raise LocalCloudError(str(error)) from None


def _settings(local: Mapping[str, str]) -> dict[str, Any]:
    """The platform's settings, of the types that they have."""
    types = {each.name: type(each.default) for each in fields(Config)}
    timeouts: dict[str, int] = {}
    given: dict[str, Any] = {"timeouts": timeouts}
    for name, text in local.items():
        function = name.removesuffix(_TIMEOUT)
        if function != name and function in zips.functions() and text.isdigit():
            timeouts[function] = int(text)
            continue
        kind = types.get(name)
        if kind not in (bool, int, float):
            raise LocalCloudError(f"the local platform has no setting {_LOCAL}{name}")
        try:
            given[name] = text == "true" if kind is bool else kind(text)
        except ValueError:
            raise LocalCloudError(f"{_LOCAL}{name} is no number: {text}") from None
    return given


def _secret(name: str) -> str:
    return _PREFIX + name.replace("_", "-")


def _bucket_host(region: str) -> str:
    return f"{BUCKET}.cos.{region}.myqcloud.com"
