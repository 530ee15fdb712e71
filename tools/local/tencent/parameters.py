"""What the parameters of a local Tencent Cloud set: values of functions.json, and settings of the
platform and of the bucket, which begin with `local_`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from liveproof.clouds.tencent import settings
from liveproof.settings import SettingsError
from tools.deployment import tfvars
from tools.local.emulator import EmulatorProcess
from tools.local.tencent import names
from tools.local.tencent.database import DatabaseSettings
from tools.local.tencent.platform import template, wiring
from tools.local.tencent.platform.config import Config
from tools.packaging.tencent import zips
from tools.parameters import require_known as require_names
from tools.processes import ToolError

# Fields of the platform's configuration that are no parameters.
_NO_PARAMETERS = {"functions", "values", "emulator", "code", "log", "timeouts"}
# Names in functions.json to which the platform itself gives a value.
_PLATFORM_VALUES = {"ssm_endpoint", "scf_endpoint"}
_LOCAL, _TIMEOUT = "local_", "_timeout"
CORS_PARAMETER = "cors_origins"
"""Origins of browsers that may upload, comma separated: the only variable of infra/tencent that is
a setting of the bucket and not of a function."""
_POLICY, _STRICT = "bucket_policy", "strict_signature"


class Chosen(NamedTuple):
    """What a deployment is made with.

    Attributes:
        values: of the names in functions.json, but those that the platform knows.
        platform: fields of the platform's configuration.
        cors_origins: of browsers that may upload, comma separated.
        has_policy: whether the bucket has its policy.
        is_strict: whether the bucket asks for the strict signature.
    """

    values: dict[str, str]
    platform: dict[str, Any]
    cors_origins: str
    has_policy: bool
    is_strict: bool


def require_known(parameters: Mapping[str, str]) -> None:
    """Raises ToolError for a parameter that is no variable, or one without effect here."""
    platform_settings = {field.name for field in fields(Config)} - _NO_PARAMETERS
    timeouts = {f"{name}{_TIMEOUT}" for name in zips.functions()}
    local_names = {*platform_settings, *timeouts, _POLICY, _STRICT}
    supported = {
        *_value_names(),
        CORS_PARAMETER,
        *(f"{_LOCAL}{name}" for name in local_names),
    } - _PLATFORM_VALUES
    unsupported = sorted((parameters.keys() & set(tfvars.variables())) - supported)
    if unsupported:
        raise ToolError(
            f"{', '.join(unsupported)}: the local cloud does not support it; only a deployment does"
        )
    require_names(parameters, supported, "infra/tencent")


def choose(
    parameters: Mapping[str, str], vendor: EmulatorProcess, database: DatabaseSettings
) -> Chosen:
    """What these parameters set, and the defaults of infra/tencent for the rest.

    Raises:
        ToolError: a value does not fit, as every function would find at its start.
    """
    local = {name.removeprefix(_LOCAL): text for name, text in parameters.items()
             if name.startswith(_LOCAL)}  # fmt: skip
    has_policy, is_strict = _is_on(local, _POLICY), _is_on(local, _STRICT)
    values = _values(parameters, vendor, database)
    _require_settings(values)
    return Chosen(
        values, _settings(local), parameters.get(CORS_PARAMETER, ""), has_policy, is_strict
    )


def _value_names() -> set[str]:
    """Values that functions.json has a place for, and every setting but the cloud."""
    placed = template.names_in((names.INFRA / "functions.json").read_text(encoding="utf-8"))
    return placed | set(settings.TencentSettings.__struct_fields__) - {"cloud"}


def _is_on(local: dict[str, str], name: str) -> bool:
    """A switch of the bucket's, which is taken out of the platform's settings."""
    text = local.pop(name, "true")
    if text not in ("true", "false"):
        raise ToolError(f"{_LOCAL}{name} is true or false, not {text}")
    return text == "true"


def _defaults() -> dict[str, str]:
    """Of the variables of infra/tencent. Raises ToolError."""
    try:
        return {
            name: text
            for file in ("variables.tf", "variables_settings.tf")
            for name, text in template.defaults(names.INFRA / file).items()
        }
    except template.WiringError as error:
        raise ToolError(str(error)) from None


def _values(
    parameters: Mapping[str, str], vendor: EmulatorProcess, database: DatabaseSettings
) -> dict[str, str]:
    """A value for everything that the functions are given but the platform's own."""
    defaults, places = _defaults(), _value_names()
    chosen = {
        name: text
        for name, text in parameters.items()
        if not name.startswith(_LOCAL) and name != CORS_PARAMETER
    }
    secrets = {
        f"{name}_secret": f"{names.secret_name(name)}:{names.VERSION}" for name in names.SECRETS
    }
    if database.login is None:
        secrets["database_secret"] = ""
    region = chosen.get("region", defaults["region"])
    values = {
        **{name: text for name, text in defaults.items() if name in places - _PLATFORM_VALUES},
        **secrets,
        "bucket": names.BUCKET,
        "cos_endpoint": f"{vendor.url}/cos/{names.bucket_host(region)}",
        "database_url": database.url,
        "function_prefix": names.FUNCTION_PREFIX,
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
        functions = wiring.read(names.INFRA / "functions.json", {**values, **platform})
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
