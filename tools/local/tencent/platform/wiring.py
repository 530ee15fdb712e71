"""infra/tencent/functions.json: each function with its settings, triggers and permissions.

Whatever SCF or Terraform would refuse is refused here, with the name of the wrong part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.local.tencent.platform.cron import Cron, CronError
from tools.local.tencent.platform.template import WiringError, fill, names_in

# SCF's limits: cloud.tencent.com/document/product/583/11637 (2025-03-24).
_ENVIRONMENT_BYTES = 4096
_RESERVED = ("SCF_", "QCLOUD_", "TENCENTCLOUD_")
_LONGEST_TIMEOUT = 900
_MEMORY_MB = frozenset({64, *range(128, 3073, 128)})
# SCF's defaults for an event that failed: 583/41138 (2025-06-30).
_RETRIES, _RETENTION_SECONDS = 2, 21_600

_FILE_KEYS = {"note", "runtime", "handler", "environment", "functions"}
_SETTINGS_PREFIX = "settings_prefix"
_NEEDED = {
    "description",
    "memory_mb",
    "timeout_seconds",
    "triggers",
    "bucket",
    "secrets",
    "invokes",
}
_OPTIONAL = {"retries", "retention_seconds", "forwards"}
_TRIGGER_KEYS = {
    "http": {"type"},
    "cos": {"type", "events", "prefix"},
    "timer": {"type", "name", "cron"},
}
_SECRETS = {"api_keys", "webhooks", "vendor_key", "senseid_key", "database"}
_EVENT = re.compile(r"cos:[A-Za-z]+:(\*|[A-Za-z]+)\Z")


@dataclass(frozen=True)
class CosTrigger:
    """Events of the deployment's bucket for keys under a prefix."""

    events: tuple[str, ...]
    prefix: str

    def matches(self, event: str, key: str) -> bool:
        """Whether it is for this event (`cos:ObjectCreated:Put`) of this key."""
        return key.startswith(self.prefix) and any(
            _covers(pattern, event) for pattern in self.events
        )

    def overlaps(self, other: CosTrigger) -> bool:
        """Whether both could be for the same event of the same key, which COS does not allow."""
        nested = self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        return nested and any(_covers(a, b) or _covers(b, a) for a in self.events
                              for b in other.events)  # fmt: skip


@dataclass(frozen=True)
class Timer:
    """A function's timer."""

    name: str
    cron: Cron


@dataclass(frozen=True)
class Function:
    """One function. `deployed` is its name on SCF; `secrets` are `NAME:VERSION` in SSM."""

    name: str
    deployed: str
    handler: str
    memory_mb: int
    timeout_seconds: int
    environment: Mapping[str, str] = field(repr=False)
    url: bool
    cos: tuple[CosTrigger, ...]
    timers: tuple[Timer, ...]
    bucket: Mapping[str, tuple[str, ...]]
    secrets: tuple[str, ...]
    invokes: bool
    forwards: tuple[str, ...]
    retries: int
    retention_seconds: int


def steps(functions: Mapping[str, Function]) -> list[Function]:
    """The functions that others start: no person and no clock does, and no request is handed on to
    them."""
    forwarded = {name for function in functions.values() for name in function.forwards}
    return [
        function
        for function in functions.values()
        if not function.url and not function.timers and function.name not in forwarded
    ]


def read(path: Path, values: Mapping[str, str]) -> dict[str, Function]:
    """The functions by name.

    Args:
        path: functions.json.
        values: for the names in braces; `function_prefix` and `NAME_secret` are used by themselves.
            With a `settings_prefix` every other value is in the environment, under its own name.

    Raises:
        WiringError: a name has no value, a key is unknown or missing, or a limit of SCF is broken.
    """
    text = path.read_text(encoding="utf-8")
    try:
        document = json.loads(fill(text, values, path))
    except ValueError as error:
        raise WiringError(f"{path} is no JSON: {error}") from None
    _only(str(path), document, _FILE_KEYS, {_SETTINGS_PREFIX})
    settings = _settings(document.get(_SETTINGS_PREFIX), values, names_in(text))
    environment = _environment({**settings, **document["environment"]})
    functions = {
        name: _function(name, entry, document["handler"], environment, values)
        for name, entry in document["functions"].items()
    }
    for function in functions.values():
        strangers = sorted(set(function.forwards) - functions.keys())
        if strangers:
            raise WiringError(f"{function.name} forwards to no function: {', '.join(strangers)}")
    triggers = [
        (function.name, trigger) for function in functions.values() for trigger in function.cos
    ]
    for index, (name, trigger) in enumerate(triggers):
        for other, another in triggers[index + 1 :]:
            if trigger.overlaps(another):
                raise WiringError(f"{name} and {other}: COS takes one trigger per event and prefix")
    return functions


def _function(
    name: str,
    entry: dict[str, Any],
    handler: str,
    environment: Mapping[str, str],
    values: Mapping[str, str],
) -> Function:
    _only(name, entry, _NEEDED, _OPTIONAL)
    if entry["memory_mb"] not in _MEMORY_MB:
        raise WiringError(f"{name}: memory_mb is 64 or a multiple of 128 up to 3072")
    if not 1 <= entry["timeout_seconds"] <= _LONGEST_TIMEOUT:
        raise WiringError(f"{name}: timeout_seconds is from 1 to {_LONGEST_TIMEOUT}")
    unknown = sorted(set(entry["secrets"]) - _SECRETS)
    if unknown:
        raise WiringError(f"{name}: no such secrets: {', '.join(unknown)}")
    for trigger in entry["triggers"]:
        kind = trigger.get("type")
        if kind not in _TRIGGER_KEYS:
            raise WiringError(f"{name}: no such trigger: {kind}")
        _only(f"{name}: trigger {kind}", trigger, _TRIGGER_KEYS[kind], set())
    by_kind = {
        kind: [trigger for trigger in entry["triggers"] if trigger["type"] == kind]
        for kind in _TRIGGER_KEYS
    }
    return Function(
        name=name,
        deployed=_value(values, "function_prefix") + name,
        handler=handler,
        memory_mb=entry["memory_mb"],
        timeout_seconds=entry["timeout_seconds"],
        environment=environment,
        url=bool(by_kind["http"]),
        cos=tuple(_cos(name, trigger) for trigger in by_kind["cos"]),
        timers=tuple(_timer(name, trigger) for trigger in by_kind["timer"]),
        bucket={prefix: tuple(actions) for prefix, actions in entry["bucket"].items()},
        # A database without a login (SQLite) has no secret.
        secrets=tuple(
            filter(None, (_value(values, f"{secret}_secret") for secret in entry["secrets"]))
        ),
        invokes=entry["invokes"],
        forwards=tuple(entry.get("forwards", ())),
        retries=entry.get("retries", _RETRIES),
        retention_seconds=entry.get("retention_seconds", _RETENTION_SECONDS),
    )


def _cos(name: str, entry: dict[str, Any]) -> CosTrigger:
    events = tuple(entry["events"])
    if len(events) != 1 or _EVENT.match(events[0]) is None:
        raise WiringError(f"{name}: a COS trigger has one event, such as cos:ObjectCreated:*")
    return CosTrigger(events, entry["prefix"])


def _timer(name: str, entry: dict[str, Any]) -> Timer:
    try:
        return Timer(entry["name"], Cron.parse(entry["cron"]))
    except CronError as error:
        raise WiringError(f"{name}: {error}") from None


def _settings(prefix: str | None, values: Mapping[str, str], placed: set[str]) -> dict[str, str]:
    """Every value that has no place of its own in the file, as an environment variable."""
    if prefix is None:
        return {}
    return {f"{prefix}{name.upper()}": values[name] for name in values.keys() - placed}


def _environment(variables: dict[str, Any]) -> dict[str, str]:
    for name, value in variables.items():
        if not isinstance(value, str):
            raise WiringError(f"environment: {name} is no string")
        if name.startswith(_RESERVED):
            raise WiringError(f"environment: {name}: SCF keeps such names for itself")
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > _ENVIRONMENT_BYTES:
        raise WiringError(f"environment: {size} bytes, and SCF takes {_ENVIRONMENT_BYTES}")
    # SCF takes no empty value, so the module wiring leaves them out.
    return {name: value for name, value in variables.items() if value}


def _value(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise WiringError(f"nothing gives a value to {name}")
    return values[name]


def _only(where: str, entry: Mapping[str, Any], needed: set[str], optional: set[str]) -> None:
    unknown, missing = entry.keys() - needed - optional, needed - entry.keys()
    if unknown:
        raise WiringError(f"{where}: unknown: {', '.join(sorted(unknown))}")
    if missing:
        raise WiringError(f"{where}: missing: {', '.join(sorted(missing))}")


def _covers(pattern: str, event: str) -> bool:
    return pattern == event or (pattern.endswith(":*") and event.startswith(pattern[:-1]))
