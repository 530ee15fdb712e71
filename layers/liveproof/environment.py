"""The settings of this deployment, read from the environment of its functions.

A name that is missing or unknown, a value outside its range, or two values that do not fit each
other stop the function at start, with a message that names the setting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

import msgspec
from msgspec.structs import FieldInfo

from liveproof import decoding, facts
from liveproof.decoding import NotAsExpected
from liveproof.environment_names import PREFIX
from liveproof.outbound.urls import parse_target
from liveproof.settings import Settings, SettingsError

_API_HOST_REGION = re.compile(r"^[a-z]+\.([a-z]+-[a-z]+(?:-\d+)?)\.")

_Kind = TypeVar("_Kind", bound=Settings)


def load(kind: type[_Kind], environment: Mapping[str, str], runtime_region: str | None) -> _Kind:
    """The settings of this deployment.

    Args:
        kind: the cloud's model.
        environment: the process's environment; names outside `LIVEPROOF_` are ignored.
        runtime_region: the region that the runtime says it is in.

    Raises:
        SettingsError: with the name of the setting, and both sides where two disagree.
    """
    ours: dict[str, Any] = {
        name: value for name, value in environment.items() if name.startswith(PREFIX)
    }
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    unknown = sorted(set(ours) - set(fields))
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}")
    for name, field in fields.items():
        if name in ours and _is_mapping(field):
            ours[name] = _mapping(field, ours[name])
    try:
        settings = msgspec.convert(ours, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"setting refused: {error}") from None
    _require_one_region(settings, runtime_region)
    _require_prices(settings)
    return settings


def _is_mapping(field: FieldInfo) -> bool:
    return get_origin(getattr(field.type, "__origin__", field.type)) is dict


def _mapping(field: FieldInfo, text: str) -> dict[str, Any]:
    """The JSON text's entries, with the defaults of the names that it leaves out, if the mapping
    has defaults: then there are no other names. Raises SettingsError."""
    document = text.encode()
    try:
        changed: dict[str, Any] = decoding.decode(document, field.type)
        decoding.require_single_names(document)
    except NotAsExpected as error:
        where = ": ".join([field.encode_name, *map(str, error.path)])
        raise SettingsError(f"{where}: {error.detail}") from None
    if field.default_factory is msgspec.NODEFAULT:
        return changed
    defaults: dict[str, Any] = field.default_factory()
    for name in changed:
        if name not in defaults:
            names = ", ".join(defaults)
            raise SettingsError(f"{field.encode_name}: there is no {name}, only {names}")
    return {**defaults, **changed}


def _require_prices(settings: Settings) -> None:
    """A limit of spend needs the price of every call that Tencent Cloud bills."""
    if not settings.daily_spend and not settings.daily_spend_per_client:
        return
    for name, check in facts.checks().items():
        action = settings.video_api if name == "video" else check.apis[0]
        if facts.apis()[action].service != "senseid" and not settings.prices[action]:
            limit = "DAILY_SPEND" if settings.daily_spend else "DAILY_SPEND_PER_CLIENT"
            raise SettingsError(
                f"LIVEPROOF_{limit} needs the price of a call of {action}, for the check {name}:"
                " name it in LIVEPROOF_PRICES"
            )


def _require_one_region(settings: Settings, runtime_region: str | None) -> None:
    if settings.region != runtime_region:
        raise SettingsError(
            f"LIVEPROOF_REGION is {settings.region}, but the function runs in {runtime_region}"
        )
    allowed = facts.vendor_regions()
    if settings.vendor_region not in allowed:
        raise SettingsError(
            f"LIVEPROOF_VENDOR_REGION is {settings.vendor_region}; "
            f"the vendor serves this API in {', '.join(allowed)}"
        )
    _require_vendor_host(settings, "VENDOR_ENDPOINT", settings.vendor_endpoint)
    _require_vendor_host(settings, "IAI_ENDPOINT", settings.iai_endpoint)
    if settings.senseid_url:
        _require_url("SENSEID_URL", settings.senseid_url, path=True)


def require_neighbours(settings: Settings) -> None:
    """The vendor judges beside the deployment, unless another place is allowed by name.

    Raises:
        SettingsError: naming both regions and the way out.
    """
    beside = facts.vendor_region_beside(settings.cloud, settings.region)
    if settings.vendor_region != beside and not settings.allow_distant_vendor_region:
        place = f"beside it is {beside}" if beside else "no region of the vendor's is beside it"
        raise SettingsError(
            f"LIVEPROOF_VENDOR_REGION is {settings.vendor_region} and LIVEPROOF_REGION is "
            f"{settings.region}: {place}. If the files may travel to another place, set "
            "LIVEPROOF_ALLOW_DISTANT_VENDOR_REGION to true"
        )


def require_host(settings: Settings, name: str, value: str, *, path: bool = False) -> str:
    """The host of a URL, which must use https but for local runs.

    Args:
        name: the setting's, without the prefix.
        path: whether the URL may have one.

    Raises:
        SettingsError: it is no such URL.
    """
    scheme, host = _require_url(name, value, path=path)
    if scheme == "http" and settings.webhook_address_policy != "any":
        raise SettingsError(
            f"{PREFIX}{name} uses http, which is for local runs "
            "(LIVEPROOF_WEBHOOK_ADDRESS_POLICY=any) only"
        )
    return host


def _require_vendor_host(settings: Settings, name: str, value: str) -> None:
    """A vendor's host, in the pinned region if it names one."""
    host = require_host(settings, name, value)
    pinned = _API_HOST_REGION.match(host)
    if pinned and pinned.group(1) != settings.vendor_region:
        raise SettingsError(
            f"{PREFIX}{name} is in {pinned.group(1)}, "
            f"but LIVEPROOF_VENDOR_REGION is {settings.vendor_region}"
        )


def _require_url(name: str, value: str, *, path: bool = False) -> tuple[str, str]:
    """Scheme and host of a URL without user, query or fragment, and without a path unless allowed.

    `parse_target` takes it apart, as it does for the requests that go there.
    """
    form = "https://HOST/PATH" if path else "https://HOST without a path"
    refused = SettingsError(f"{PREFIX}{name} must be {form}, and nothing else")
    try:
        target = parse_target(value)
    except ValueError:
        raise refused from None
    if "?" in target.path or not (path or target.path == "/"):
        raise refused
    return "https" if target.origin.tls else "http", target.origin.host
