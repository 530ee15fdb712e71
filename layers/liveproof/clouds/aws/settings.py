"""The settings that only a deployment on AWS has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from liveproof import facts
from liveproof.environment import load as read
from liveproof.environment import require_neighbours
from liveproof.settings import Settings, SettingsError, Text


class AwsSettings(Settings, frozen=True, kw_only=True):
    """The settings of functions on Lambda."""

    table: Annotated[Text, Meta(description="The DynamoDB table.")]
    uploads_queue_url: Annotated[Text, Meta(description="The SQS queue of `verify_upload`.")]
    check_queue_urls: Annotated[
        dict[str, Text], Meta(description="The SQS queue of `run_check` for each check.")
    ]
    deliveries_queue_url: Annotated[Text, Meta(description="The SQS queue of `deliver_result`.")]
    erasures_queue_url: Annotated[Text, Meta(description="The SQS queue of `erase`.")]
    webhook_kms_key: Annotated[
        str,
        Meta(
            description="The ARN of an Ed25519 key in KMS that signs every webhook as well (`v1a`),"
            " beside the secrets of its endpoint. Empty: none.",
            pattern=r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?\Z",
        ),
    ] = ""


def load(environment: Mapping[str, str]) -> AwsSettings:
    """The settings in a function's environment. Raises SettingsError."""
    loaded = read(AwsSettings, environment, environment.get("AWS_REGION"))
    if loaded.cloud != "aws" or loaded.file_transfer != "relay":
        raise SettingsError(
            "on AWS, LIVEPROOF_CLOUD is aws and LIVEPROOF_FILE_TRANSFER is relay: "
            f"the vendor reads COS only (they are {loaded.cloud} and {loaded.file_transfer})"
        )
    if set(loaded.check_queue_urls) != set(facts.checks()):
        raise SettingsError(
            "LIVEPROOF_CHECK_QUEUE_URLS must name the queue of each check, "
            f"{', '.join(facts.checks())} (it names {', '.join(loaded.check_queue_urls) or 'none'})"
        )
    require_neighbours(loaded)
    # Unsafe local settings must not reach a real account by a wrong stage name.
    if loaded.webhook_address_policy == "any" and not environment.get("AWS_ENDPOINT_URL"):
        raise SettingsError(
            "LIVEPROOF_WEBHOOK_ADDRESS_POLICY is any, "
            "which is for a local AWS (AWS_ENDPOINT_URL) only"
        )
    return loaded
