"""The bag of dependencies on Tencent Cloud, and what SCF's context and environment say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from liveproof import facts
from liveproof.checks.registry import build_vendors
from liveproof.clock import SystemClock, now_ms
from liveproof.clouds.tencent import settings as settings_model
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.clouds.tencent.secrets import SsmSecrets
from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.clouds.tencent.sql.admission import Limit, SqlAdmission
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.heartbeats import SqlHeartbeats
from liveproof.clouds.tencent.sql.limits import SqlLimits
from liveproof.clouds.tencent.sql.quota import SqlQuota
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.steps import ScfSteps
from liveproof.clouds.tencent.vendor_files import BucketFiles
from liveproof.dependencies import Dependencies, LateWebhookSender
from liveproof.domain.concurrency import runs_at_once
from liveproof.domain.run_times import RETRY_WAIT_SECONDS
from liveproof.endpoints import policy_of
from liveproof.invocations import Invocation
from liveproof.ports import Secrets
from liveproof.secret_documents import VendorKey, read_secret
from liveproof.vendors.tencent.api import TencentApi

if TYPE_CHECKING:
    from liveproof.api.http import Response

_MARGIN_MS = 500
"""SCF counts from before the handler begins; by how much is not documented."""


def invocation(context: Any) -> Invocation:
    """The run that SCF's context, a dict, describes.

    SCF tells a Python function its time limit, not the time that is left of it.
    """
    began = now_ms()
    ends = began + int(context["time_limit_in_ms"]) - _MARGIN_MS
    return Invocation(
        function=context["function_name"],
        request_id=context["request_id"],
        deadline=ends,
        # A retried run waits inside its function first, and must still fit.
        time_limit=(ends - began) / 1000 - RETRY_WAIT_SECONDS,
        memory_mb=int(context.get("memory_limit_in_mb", 0)),
    )


def dependencies(context: Any) -> Dependencies:
    """The container's bag. Raises SettingsError."""
    return _dependencies(context["tencentcloud_region"])


def sign_traces(
    context: Any, url: str, headers: Mapping[str, str], body: bytes
) -> Mapping[str, str]:
    """APM knows a sender by the token among the spans' attributes, so nothing is signed."""
    return headers


def fresh_dependencies(context: Any) -> Dependencies:
    """A bag of its own, whose settings and secrets are read anew. Raises SettingsError."""
    region = context["tencentcloud_region"]
    return _connect(settings_model.load(os.environ, region))


def forward(context: Any, function: str, event: Any, seconds: float) -> Response:
    """The answer of another function of the deployment to an HTTP event. Raises NotForwarded."""
    from liveproof.clouds.tencent import forwarding

    settings = _settings(context["tencentcloud_region"])
    scf = TencentApi(settings.scf_endpoint, settings.region, runtime_key)
    return forwarding.forward(scf, f"{settings.function_prefix}{function}", event, seconds)


@lru_cache(maxsize=1)
def _settings(region: str) -> TencentSettings:
    return settings_model.load(os.environ, region)


@lru_cache(maxsize=1)
def _dependencies(region: str) -> Dependencies:
    return _connect(_settings(region))


def _connect(settings: TencentSettings) -> Dependencies:
    """The adapters; drivers are imported when first used."""
    clock = SystemClock()
    # RetryingApi repeats a request whose kept connection the server had closed.
    ssm = TencentApi(settings.ssm_endpoint, settings.region, runtime_key, keep_alive=True)
    scf = TencentApi(settings.scf_endpoint, settings.region, runtime_key, keep_alive=True)
    secrets = SsmSecrets(ssm, settings.secrets_cache_seconds, clock)
    bucket = CosBucket(settings.bucket, settings.region, settings.cos_endpoint, runtime_key)
    database = _database(settings, secrets)
    files = BucketFiles(bucket, clock) if settings.file_transfer == "bucket" else None
    vendors = build_vendors(settings, secrets, files)
    return Dependencies(
        settings=settings,
        clock=clock,
        records=SqlRecords(database, settings.record_retention_days),
        bucket=bucket,
        steps=ScfSteps(scf, settings.function_prefix, clock),
        secrets=secrets,
        quota=SqlQuota(database),
        admission=SqlAdmission(database, admission_limits(settings)),
        endpoints=SqlEndpoints(database, policy_of(settings)),
        heartbeats=SqlHeartbeats(database),
        limits=SqlLimits(database),
        webhook_sender=LateWebhookSender(settings, clock),
        checks=vendors.checks,
        reflect_sequences=vendors.reflect_sequences,
    )


def admission_limits(settings: TencentSettings) -> dict[str, Limit]:
    """By check. Relayed files need CreateUploadUrl, whose own pace may be the lower one."""
    limits = {}
    for check, check_facts in facts.checks().items():
        pace = settings.calls_per_second[check]
        if settings.file_transfer == "relay" and check_facts.usual_run_seconds.relay > 0:
            pace = min(pace, settings.upload_urls_per_second / len(check_facts.inputs))
        limits[check] = Limit(runs_at_once(pace, settings.usual_run_seconds[check]), pace)
    return limits


def _database(settings: TencentSettings, secrets: Secrets) -> Database:
    if not settings.database_secret:
        return Database(settings.database_url, None)
    login = partial(read_secret, secrets, settings.database_secret, DatabaseLogin)
    return Database(settings.database_url, login)


def runtime_key() -> VendorKey:
    """The temporary key of the function's execution role; read for each use, since SCF renews it.

    The vendor's SDK looks for other names (TENCENTCLOUD_SECRET_ID, ...), which SCF does not set.

    Raises:
        RuntimeError: with the variable that is missing.
    """
    return VendorKey(
        _variable("TENCENTCLOUD_SECRETID"),
        _variable("TENCENTCLOUD_SECRETKEY"),
        _variable("TENCENTCLOUD_SESSIONTOKEN"),
    )


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"{name} is not in the environment: SCF sets it only for a function with an "
            "execution role, so the function probably has none"
        )
    return value
