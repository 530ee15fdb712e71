"""boto3 clients, made when first needed: importing boto3 is most of a cold start."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from liveproof.clouds.aws.signature import Credentials

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

_CONNECT_TIMEOUT_SECONDS = 3
_READ_TIMEOUT_SECONDS = 10


def _stay_in_region(context: dict[str, Any], **_: object) -> None:
    """Stop botocore from following S3 to another region: the bucket is in the deployment's.

    Botocore follows such a redirect once for each request, and marks the request like this.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


class Clients:
    """The clients of one region, one session."""

    def __init__(self, region: str | None) -> None:
        self._region = region

    @cached_property
    def _session(self) -> boto3.Session:
        import boto3

        return boto3.Session(region_name=self._region)

    @cached_property
    def _config(self) -> Config:
        from botocore.config import Config

        return Config(
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            read_timeout=_READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "max_attempts": 3},
        )

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        client: DynamoDBClient = self._session.client("dynamodb", config=self._config)
        return client

    @cached_property
    def s3(self) -> S3Client:
        client: S3Client = self._session.client("s3", config=self._config)
        client.meta.events.register_last("before-parameter-build.s3", _stay_in_region)
        return client

    @cached_property
    def sqs(self) -> SQSClient:
        client: SQSClient = self._session.client("sqs", config=self._config)
        return client

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        client: SecretsManagerClient = self._session.client("secretsmanager", config=self._config)
        return client

    def credentials(self) -> Credentials:
        """The key of the function's role, from the environment; read each time: it rotates."""
        access_key = os.environ.get("AWS_ACCESS_KEY_ID")
        secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
        if access_key and secret_key:
            return Credentials(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN"))
        credentials = self._session.get_credentials()
        if credentials is None:
            raise RuntimeError("no AWS credentials in the environment")
        frozen = credentials.get_frozen_credentials()
        if frozen.access_key is None or frozen.secret_key is None:
            raise RuntimeError("no AWS credentials in the environment")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
