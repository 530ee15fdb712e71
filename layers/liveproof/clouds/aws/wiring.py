"""The bag of dependencies on AWS, built once per container."""

from __future__ import annotations

import os
from functools import lru_cache

from liveproof import settings as settings_model
from liveproof.checks.registry import checks_of, reflect_sequences_of
from liveproof.clock import SystemClock
from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.quota import DynamoQuota
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.aws.secrets import SecretsManager
from liveproof.clouds.aws.steps import SqsSteps
from liveproof.dependencies import Dependencies
from liveproof.domain.states import Step


@lru_cache(maxsize=1)
def dependencies() -> Dependencies:
    """Read the settings and connect the adapters; boto3 is imported when one is first used.

    Raises:
        SettingsError: the environment is not one that a function can run in.
    """
    settings = settings_model.load(os.environ, os.environ.get("AWS_REGION"))
    _require_local_for_any_address(settings)
    clock = SystemClock()
    clients = Clients(settings.region)
    secrets = SecretsManager(clients, settings.secrets_lifetime, clock)
    return Dependencies(
        settings=settings,
        clock=clock,
        records=DynamoRecords(clients, settings.table, settings.record_days),
        bucket=S3Bucket(clients, settings.bucket, settings.region),
        steps=SqsSteps(
            clients,
            {
                Step.VERIFY_UPLOAD: settings.uploads_queue_url,
                Step.RUN_CHECK: settings.checks_queue_url,
                Step.DELIVER_RESULT: settings.deliveries_queue_url,
            },
            clock,
        ),
        secrets=secrets,
        quota=DynamoQuota(clients, settings.table),
        checks=checks_of(settings, secrets),
        reflect_sequences=reflect_sequences_of(settings, secrets),
    )


def _require_local_for_any_address(settings: settings_model.Settings) -> None:
    """Unsafe local settings must not reach a real account by a wrong stage name."""
    if settings.webhook_addresses == "any" and not os.environ.get("AWS_ENDPOINT_URL"):
        raise settings_model.SettingsError(
            "LIVEPROOF_WEBHOOK_ADDRESSES is any, which is for a local AWS (AWS_ENDPOINT_URL) only"
        )
