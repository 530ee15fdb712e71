"""Every setting of a deployed function: one model, read once, from the environment.

A name that is missing, unknown or has a value that cannot be meant stops the function at start
with a message that names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from liveproof import facts

PREFIX = "LIVEPROOF_"
_API_HOST_REGION = re.compile(r"^[a-z]+\.([a-z]+-[a-z]+(?:-\d+)?)\.")

Text = Annotated[str, Meta(min_length=1)]
Bytes = Annotated[int, Meta(ge=1, le=100 * 1024 * 1024)]


class SettingsError(Exception):
    """The environment is not one that a function can run in; the text names the setting."""


def _environment_name(field: str) -> str:
    return PREFIX + field.upper()


class Settings(
    Struct, frozen=True, kw_only=True, rename=_environment_name, forbid_unknown_fields=True
):
    """The deployment's settings. `serverless.yml` sets them; `docs/settings.md` explains them.

    Attributes:
        region: the cloud region of bucket and functions; must be the runtime's own.
        vendor_region: the region in which the vendor judges; biometric bytes go nowhere else.
        vendor_endpoint: scheme and host of Face ID. The default is the international host;
            whether region-pinned international hosts exist is unconfirmed.
        secrets_lifetime: seconds for which a function keeps a secret it has read.
        unknown_outcome: what follows a paid call whose outcome is unknown: one recorded `recall`,
            or `hold` for an operator.
        call_timeout: seconds for a paid call's connection, and for each read of its answer. The
            function's timeout must leave room for it.
        reflect_calls_per_second: the rate at which DetectReflectLivenessAndCompare is called. The
            vendor's limit is 5; what is left of it absorbs the jitter of the network.
        upload_urls_per_second: the rate at which CreateUploadUrl is called; the vendor's limit
            is 20.
        webhook_addresses: `public` sends webhooks to public https addresses only; `any` is for
            local runs.
        image_max_bytes, live_data_max_bytes: refused above this size before any call. The vendor
            documents no number for this action (unconfirmed), so they are settings.
        record_days: days after which a finished verification's record is deleted.
    """

    region: Text
    vendor_region: Text
    vendor_endpoint: Text
    table: Text
    bucket: Text
    uploads_queue_url: Text
    checks_queue_url: Text
    deliveries_queue_url: Text
    api_keys_secret: Text
    webhooks_secret: Text
    vendor_key_secret: Text
    secrets_lifetime: Annotated[int, Meta(ge=0, le=86_400)] = 300
    unknown_outcome: Literal["recall", "hold"] = "recall"
    call_timeout: Annotated[int, Meta(ge=1, le=300)] = 30
    reflect_calls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 4.5
    upload_urls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 18.0
    webhook_addresses: Literal["public", "any"] = "public"
    image_max_bytes: Bytes = 5 * 1024 * 1024
    live_data_max_bytes: Bytes = 20 * 1024 * 1024
    record_days: Annotated[int, Meta(ge=1, le=3_650)] = 365

    def max_bytes(self, input_name: str) -> int:
        """The largest file that the input may be."""
        return {"image": self.image_max_bytes, "live_data": self.live_data_max_bytes}[input_name]


def environment_names() -> tuple[str, ...]:
    """The environment variables that the model reads."""
    return tuple(field.encode_name for field in msgspec.structs.fields(Settings))


def load(environment: Mapping[str, str], runtime_region: str | None) -> Settings:
    """The settings of this deployment.

    Args:
        environment: the process's environment; names outside `LIVEPROOF_` are ignored.
        runtime_region: the region that the runtime says it is in.

    Raises:
        SettingsError: with the name of the setting, and both sides where two disagree.
    """
    ours = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    unknown = sorted(set(ours) - set(environment_names()))
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}")
    try:
        settings = msgspec.convert(ours, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"setting refused: {error}") from None
    _require_one_region(settings, runtime_region)
    return settings


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
    try:
        endpoint = urlsplit(settings.vendor_endpoint)
    except ValueError:
        raise SettingsError("LIVEPROOF_VENDOR_ENDPOINT is not a URL") from None
    if (
        endpoint.scheme not in ("http", "https")
        or not endpoint.hostname
        or endpoint.path not in ("", "/")
    ):
        raise SettingsError("LIVEPROOF_VENDOR_ENDPOINT must be https://HOST without a path")
    if endpoint.scheme == "http" and settings.webhook_addresses != "any":
        raise SettingsError(
            "LIVEPROOF_VENDOR_ENDPOINT uses http, which is for local runs "
            "(LIVEPROOF_WEBHOOK_ADDRESSES=any) only"
        )
    pinned = _API_HOST_REGION.match(endpoint.hostname)
    if pinned and pinned.group(1) != settings.vendor_region:
        raise SettingsError(
            f"LIVEPROOF_VENDOR_ENDPOINT is in {pinned.group(1)}, "
            f"but LIVEPROOF_VENDOR_REGION is {settings.vendor_region}"
        )
