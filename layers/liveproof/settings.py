"""Every setting of a deployed function: one model, read once, from the environment.

A name that is missing, unknown or has a value that cannot be meant stops the function at start
with a message that names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from liveproof import facts
from liveproof.outbound.urls import parse_target

PREFIX = "LIVEPROOF_"
_API_HOST_REGION = re.compile(r"^[a-z]+\.([a-z]+-[a-z]+(?:-\d+)?)\.")

_Kind = TypeVar("_Kind", bound="Settings")

Text = Annotated[str, Meta(min_length=1)]
Bytes = Annotated[int, Meta(ge=1, le=100 * 1024 * 1024)]


class SettingsError(Exception):
    """The environment is not one that a function can run in; the text names the setting."""


def _environment_name(field: str) -> str:
    return PREFIX + field.upper()


class Settings(
    Struct, frozen=True, kw_only=True, rename=_environment_name, forbid_unknown_fields=True
):
    """What both clouds' deployments are told. `docs/settings.md` explains each.

    A cloud adds its own in `liveproof.clouds.<cloud>.settings`. `serverless.yml` sets them on AWS,
    `infra/tencent/functions.json` on Tencent Cloud.

    Attributes:
        cloud: where the functions run.
        region: the cloud region of bucket and functions; must be the runtime's own.
        vendor_region: the region in which the vendor judges; biometric bytes go nowhere else. It is
            the one in the same place as `region`.
        allow_distant_vendor_region: `true` takes any `vendor_region`: the files then travel to
            another place, and perhaps under other laws.
        vendor_endpoint: scheme and host of Face ID. The default is the international host;
            whether region-pinned international hosts exist is unconfirmed.
        vendor_files: how Face ID gets files by URL: `relay` brings them to the vendor's storage by
            CreateUploadUrl; `bucket` lets it read them from the deployment's own bucket, which
            must be COS in the vendor's region. LivenessCompare's large files are relayed in both.
        iai_endpoint: scheme and host of Face Recognition, for `photo`.
        senseid_url: scheme, host and port of the SenseID private cloud, for `silent`; empty
            switches the check off. The product itself has no authentication and no TLS.
        video_api: which API answers `video`.
        best_frames: frames asked of LivenessCompare as evidence, 1 to 10.
        secrets_lifetime: seconds for which a function keeps a secret it has read.
        unknown_outcome: what follows a paid call whose outcome is unknown: one recorded `recall`,
            or `hold` for an operator.
        call_timeout: seconds for the whole of a paid call, from connecting to the answer's last
            byte. `run_check`'s own time must have room for it.
        reflect_calls_per_second: the rate at which DetectReflectLivenessAndCompare is called. The
            vendor's limit is 5; what is left of it absorbs the jitter of the network.
        video_calls_per_second: the rate at which the API that answers `video` is called. The
            vendor's limit is 20; LivenessCompare's is 100.
        photo_calls_per_second: the rate at which DetectLiveFaceAccurate is called. The vendor's
            limit is 50.
        silent_calls_per_second: the rate at which SenseID is called. No limit is published: it is
            what your service can bear.
        upload_urls_per_second: the rate at which CreateUploadUrl is called: for light sequences and
            for files that are relayed (with `vendor_files` = `bucket` only LivenessCompare's large
            ones). The vendor's limit is 20.
        webhook_addresses: `public` sends webhooks to public https addresses only; `any` is for
            local runs.
        image_max_bytes, live_data_max_bytes: the largest files of `reflect`; the vendor documents
            no number for it (unconfirmed), so they are settings.
        silent_video_max_bytes: the same for the video of `silent`.
        record_days: days after which a finished verification's record is deleted.
    """

    cloud: Literal["aws", "tencent"]
    region: Text
    vendor_region: Text
    allow_distant_vendor_region: bool = False
    vendor_endpoint: Text
    vendor_files: Literal["relay", "bucket"]
    iai_endpoint: Text = "https://iai.intl.tencentcloudapi.com"
    senseid_url: str = ""
    video_api: Literal["VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness"] = (
        "VideoLivenessCompare"
    )
    best_frames: Annotated[int, Meta(ge=1, le=10)] = 1
    bucket: Text
    api_keys_secret: Text
    webhooks_secret: Text
    vendor_key_secret: Text
    senseid_key_secret: Text
    secrets_lifetime: Annotated[int, Meta(ge=0, le=86_400)] = 300
    unknown_outcome: Literal["recall", "hold"] = "recall"
    call_timeout: Annotated[int, Meta(ge=1, le=300)] = 30
    reflect_calls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 4.5
    video_calls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 18.0
    photo_calls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 45.0
    silent_calls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 10.0
    upload_urls_per_second: Annotated[float, Meta(gt=0, le=1_000)] = 18.0
    webhook_addresses: Literal["public", "any"] = "public"
    image_max_bytes: Bytes = 5 * 1024 * 1024
    live_data_max_bytes: Bytes = 20 * 1024 * 1024
    silent_video_max_bytes: Bytes = 20 * 1024 * 1024
    record_days: Annotated[int, Meta(ge=1, le=3_650)] = 365

    def max_bytes(self, check: str, input_name: str) -> int:
        """The largest file that a check's input may be: the vendor's limit, or the setting."""
        documented = facts.checks()[check].inputs[input_name].max_bytes
        if documented is not None:
            return documented
        return {
            ("reflect", "image"): self.image_max_bytes,
            ("reflect", "live_data"): self.live_data_max_bytes,
            ("silent", "video"): self.silent_video_max_bytes,
        }[check, input_name]

    def calls_per_second(self, check: str) -> float:
        """The rate at which a check's paid API is called."""
        return {
            "reflect": self.reflect_calls_per_second,
            "video": self.video_calls_per_second,
            "photo": self.photo_calls_per_second,
            "silent": self.silent_calls_per_second,
        }[check]


def environment_names(kind: type[Settings]) -> tuple[str, ...]:
    """The environment variables that a model reads."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


def load(kind: type[_Kind], environment: Mapping[str, str], runtime_region: str | None) -> _Kind:
    """The settings of this deployment.

    Args:
        kind: the cloud's model.
        environment: the process's environment; names outside `LIVEPROOF_` are ignored.
        runtime_region: the region that the runtime says it is in.

    Raises:
        SettingsError: with the name of the setting, and both sides where two disagree.
    """
    ours = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    unknown = sorted(set(ours) - set(environment_names(kind)))
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}")
    try:
        settings = msgspec.convert(ours, kind, strict=False)
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
    if scheme == "http" and settings.webhook_addresses != "any":
        raise SettingsError(
            f"{PREFIX}{name} uses http, which is for local runs "
            "(LIVEPROOF_WEBHOOK_ADDRESSES=any) only"
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
    wanted = "https://HOST/PATH" if path else "https://HOST without a path"
    refused = SettingsError(f"{PREFIX}{name} must be {wanted}, and nothing else")
    try:
        target = parse_target(value)
    except ValueError:
        raise refused from None
    if "?" in target.path or not (path or target.path == "/"):
        raise refused
    return "https" if target.origin.tls else "http", target.origin.host
