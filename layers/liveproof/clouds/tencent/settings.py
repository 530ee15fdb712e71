"""The settings that only a deployment on Tencent Cloud has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from liveproof import facts
from liveproof.clouds.tencent.sql.address import SqliteAddress, parse_database_url
from liveproof.environment import load as read
from liveproof.environment import require_host, require_neighbours
from liveproof.settings import Rate, Settings, SettingsError, Text


def usual_run_seconds_by_check() -> dict[str, float]:
    """The seconds that a run of each check usually takes, its waits included: data/checks.json."""
    runs = {name: check.usual_run_seconds for name, check in facts.checks().items()}
    return {name: run.relay + run.wait + run.call for name, run in runs.items()}


class TencentSettings(Settings, frozen=True, kw_only=True):
    """The settings of functions on SCF. Secrets are `NAME:VERSION`."""

    database_url: Annotated[
        Text,
        Meta(
            description="`mysql://HOST:PORT/NAME` without a login, or `sqlite:////PATH` for local"
            " runs."
        ),
    ]
    database_secret: Annotated[
        str,
        Meta(
            description="The secret with the database's `user`, `password` and, to verify its"
            " certificate, `ca` (PEM). Empty for SQLite."
        ),
    ] = ""
    function_prefix: Annotated[
        Text,
        Meta(description="What the deployed functions' names begin with, before the step's name."),
    ]
    cos_endpoint: Annotated[
        str, Meta(description="The bucket's address. Empty: its own domain.")
    ] = ""
    ssm_endpoint: Annotated[str, Meta(description="Scheme and host of the API for secrets.")] = (
        "https://ssm.tencentcloudapi.com"
    )
    scf_endpoint: Annotated[str, Meta(description="Scheme and host of the API for functions.")] = (
        "https://scf.tencentcloudapi.com"
    )
    usual_run_seconds: Annotated[
        dict[str, Annotated[float, Meta(gt=0, le=120)]],
        Meta(
            description="How long a run of a check usually takes: bringing the files to the vendor,"
            " the wait for the call's slot, the call. With the calls per second it says how many"
            " run at once; the others wait in the database and cost nothing. Raise it if your"
            " vendor's answers take longer."
        ),
    ] = msgspec.field(default_factory=usual_run_seconds_by_check)
    webhook_turns_per_second: Annotated[
        Rate,
        Meta(
            description="The rate at which the deliveries that waited for one client's endpoint are"
            " sent when it is back. One that comes up within half a minute waits in its function,"
            " so a higher rate needs more of `reserved_concurrency_mb` for `deliver_result`.",
        ),
    ] = 1.0


def load(environment: Mapping[str, str], runtime_region: str | None) -> TencentSettings:
    """The settings in a function's environment.

    Args:
        runtime_region: `tencentcloud_region` of the event's context.

    Raises:
        SettingsError: with the name of the setting, and the way out where there is one.
    """
    loaded = read(TencentSettings, environment, runtime_region)
    if loaded.cloud != "tencent":
        raise SettingsError(f"LIVEPROOF_CLOUD is {loaded.cloud}, but the function runs on SCF")
    require_neighbours(loaded)
    _require_readable_files(loaded)
    if loaded.cos_endpoint:
        require_host(loaded, "COS_ENDPOINT", loaded.cos_endpoint, path=True)
    require_host(loaded, "SSM_ENDPOINT", loaded.ssm_endpoint)
    require_host(loaded, "SCF_ENDPOINT", loaded.scf_endpoint)
    local = loaded.scf_endpoint.startswith("http://")
    if loaded.webhook_address_policy == "any" and not local:
        raise SettingsError(
            "LIVEPROOF_WEBHOOK_ADDRESS_POLICY is any, which is for local runs "
            "(LIVEPROOF_SCF_ENDPOINT with http) only"
        )
    _require_database(loaded, local)
    return loaded


def _require_readable_files(loaded: TencentSettings) -> None:
    """The vendor reads presigned URLs in its own region only."""
    if loaded.file_transfer == "relay" or loaded.region == loaded.vendor_region:
        return
    why = ""
    if loaded.vendor_region not in facts.scf_regions():
        why = f" (Tencent Cloud is not known to run functions in {loaded.vendor_region})"
    raise SettingsError(
        f"LIVEPROOF_FILE_TRANSFER is bucket: the vendor in {loaded.vendor_region} would have to "
        f"read a bucket in {loaded.region}{why}. Deploy to {loaded.vendor_region}, or set "
        "LIVEPROOF_FILE_TRANSFER to relay, which brings the files there by CreateUploadUrl"
    )


def _require_database(loaded: TencentSettings, local: bool) -> None:
    address = parse_database_url(loaded.database_url)
    if not local and (isinstance(address, SqliteAddress) or address.tls == "off"):
        raise SettingsError(
            "LIVEPROOF_DATABASE_URL is SQLite or without TLS, which is for local runs only"
        )
    if not isinstance(address, SqliteAddress) and not loaded.database_secret:
        raise SettingsError("LIVEPROOF_DATABASE_SECRET is needed with LIVEPROOF_DATABASE_URL")
