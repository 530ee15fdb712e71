"""The bag of dependencies on AWS, and what Lambda's context says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from liveproof.checks.registry import build_vendors
from liveproof.clock import SystemClock, now_ms
from liveproof.clouds.aws import settings as settings_model
from liveproof.clouds.aws.admission import AlwaysAdmits
from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.credentials import role_credentials
from liveproof.clouds.aws.endpoints import DynamoEndpoints
from liveproof.clouds.aws.heartbeats import DynamoHeartbeats
from liveproof.clouds.aws.limits import DynamoLimits
from liveproof.clouds.aws.quota import DynamoQuota
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.aws.secrets import SecretsManager
from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.aws.signature import Scope, sign_headers
from liveproof.clouds.aws.steps import SqsSteps
from liveproof.clouds.aws.webhook_key import KmsKey
from liveproof.dependencies import Dependencies, LateWebhookSender
from liveproof.endpoints import policy_of
from liveproof.invocations import Invocation
from liveproof.outbound.urls import parse_target

if TYPE_CHECKING:
    from liveproof.api.http import Response


def invocation(context: Any) -> Invocation:
    """The run that Lambda's context describes."""
    left = int(context.get_remaining_time_in_millis())
    return Invocation(
        function=context.function_name,
        request_id=context.aws_request_id,
        deadline=now_ms() + left,
        time_limit=left / 1000,
    )


def dependencies(context: Any) -> Dependencies:
    """The container's bag; Lambda's context adds nothing to it. Raises SettingsError."""
    return _dependencies()


def sign_traces(
    context: Any, url: str, headers: Mapping[str, str], body: bytes
) -> Mapping[str, str]:
    """Signed by the function's role for X-Ray's own endpoint; any other gets them as they are."""
    service, _, rest = (parse_target(url).origin.host).partition(".")
    if service != "xray" or not rest.endswith(("amazonaws.com", "amazonaws.com.cn", "api.aws")):
        return headers
    scope = Scope(_dependencies().settings.region, "xray")
    return sign_headers("POST", url, headers, body, role_credentials(), scope, now_ms())


def fresh_dependencies(context: Any) -> Dependencies:
    """A bag of its own, whose settings and secrets are read anew. Raises SettingsError."""
    return _dependencies.__wrapped__()


def forward(context: Any, function: str, event: Any, seconds: float) -> Response:
    """No function does: API Gateway asks the function of the route. Raises LookupError."""
    raise LookupError(f"API Gateway routes to {function}")


@lru_cache(maxsize=1)
def _dependencies() -> Dependencies:
    """Read the settings and connect the adapters."""
    settings = settings_model.load(os.environ)
    clock = SystemClock()
    clients = Clients(settings.region)
    secrets = SecretsManager(clients, settings.secrets_cache_seconds, clock)
    vendors = build_vendors(settings, secrets)
    return Dependencies(
        settings=settings,
        clock=clock,
        records=DynamoRecords(clients, settings.table, settings.record_retention_days),
        bucket=S3Bucket(clients, settings.bucket, settings.region),
        steps=SqsSteps(
            clients,
            clock,
            uploads=settings.uploads_queue_url,
            checks=settings.check_queue_urls,
            deliveries=settings.deliveries_queue_url,
            erasures=settings.erasures_queue_url,
        ),
        secrets=secrets,
        quota=DynamoQuota(clients, settings.table),
        admission=AlwaysAdmits(),
        endpoints=DynamoEndpoints(clients, settings.table, policy_of(settings)),
        heartbeats=DynamoHeartbeats(clients, settings.table),
        limits=DynamoLimits(clients, settings.table),
        webhook_sender=LateWebhookSender(settings, clock),
        checks=vendors.checks,
        reflect_sequences=vendors.reflect_sequences,
        webhook_key=_webhook_key(clients, settings),
    )


def _webhook_key(clients: Clients, settings: AwsSettings) -> KmsKey | None:
    return KmsKey(clients, settings.webhook_kms_key) if settings.webhook_kms_key else None
