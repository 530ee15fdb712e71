"""The settings that only a deployment on AWS has."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof import settings
from liveproof.settings import Settings, SettingsError, Text


class AwsSettings(Settings, frozen=True, kw_only=True):
    """The settings of functions on Lambda.

    Attributes:
        table: the DynamoDB table.
        uploads_queue_url, checks_queue_url, deliveries_queue_url: the steps' SQS queues.
    """

    table: Text
    uploads_queue_url: Text
    checks_queue_url: Text
    deliveries_queue_url: Text


def load(environment: Mapping[str, str]) -> AwsSettings:
    """The settings in a function's environment. Raises SettingsError."""
    loaded = settings.load(AwsSettings, environment, environment.get("AWS_REGION"))
    if loaded.cloud != "aws" or loaded.vendor_files != "relay":
        raise SettingsError(
            "on AWS, LIVEPROOF_CLOUD is aws and LIVEPROOF_VENDOR_FILES is relay: "
            f"the vendor reads COS only (they are {loaded.cloud} and {loaded.vendor_files})"
        )
    settings.require_neighbours(loaded)
    # Unsafe local settings must not reach a real account by a wrong stage name.
    if loaded.webhook_addresses == "any" and not environment.get("AWS_ENDPOINT_URL"):
        raise SettingsError(
            "LIVEPROOF_WEBHOOK_ADDRESSES is any, which is for a local AWS (AWS_ENDPOINT_URL) only"
        )
    return loaded
