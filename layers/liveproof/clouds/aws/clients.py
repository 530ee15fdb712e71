"""The AWS services that liveproof uses, in one region."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property

from liveproof.clouds.aws.api import Api, JsonApi
from liveproof.clouds.aws.credentials import role_credentials
from liveproof.clouds.aws.signature import Credentials, Scope
from liveproof.outbound.urls import parse_target


class EndpointInvalid(Exception):
    """A variable for another AWS than the real one holds no URL; the text names it."""


def other_endpoint(service: str) -> str | None:
    """The URL of a service that is not the real one, without a trailing slash; None: the real one.

    AWS_ENDPOINT_URL_<SERVICE> and AWS_ENDPOINT_URL are the variables of every AWS SDK.

    Args:
        service: such as DYNAMODB.

    Raises:
        EndpointInvalid: the variable holds something else.
    """
    for name in (f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"):
        url = os.environ.get(name, "").rstrip("/")
        if url:
            try:
                parse_target(url)
            except ValueError as error:
                raise EndpointInvalid(f"{name} is {error}") from None
            return url
    return None


class Clients:
    """The services of one region.

    Args:
        credentials: returns the key to sign with.
        endpoint: the URL of all services; None: the environment's, or the real ones.
    """

    def __init__(
        self,
        region: str,
        credentials: Callable[[], Credentials] = role_credentials,
        *,
        endpoint: str | None = None,
    ) -> None:
        self._region = region
        self._endpoint = endpoint
        self.credentials = credentials

    @cached_property
    def dynamodb(self) -> JsonApi:
        return self.json_api_of("dynamodb", "DYNAMODB", "DynamoDB_20120810", "1.0")

    @cached_property
    def sqs(self) -> JsonApi:
        return self.json_api_of("sqs", "SQS", "AmazonSQS", "1.0")

    @cached_property
    def secretsmanager(self) -> JsonApi:
        return self.json_api_of("secretsmanager", "SECRETS_MANAGER", "secretsmanager", "1.1")

    @cached_property
    def kms(self) -> JsonApi:
        return self.json_api_of("kms", "KMS", "TrentService", "1.1")

    @cached_property
    def s3(self) -> Api:
        return Api(Scope(self._region, "s3"), self.credentials)

    def bucket_url(self, bucket: str) -> str:
        """The URL of a bucket, without a trailing slash."""
        other = self._endpoint or other_endpoint("S3")
        if other:
            return f"{other}/{bucket}"  # others than the real S3 are path style
        return f"https://{bucket}.s3.{self._region}.amazonaws.com"

    def url_of(self, service: str, variable: str) -> str:
        """The endpoint of a service, without a trailing slash.

        Args:
            variable: the end of the environment variable that names another endpoint.
        """
        url = self._endpoint or other_endpoint(variable)
        return url or f"https://{service}.{self._region}.amazonaws.com"

    def api_of(self, service: str) -> Api:
        """Requests to a service without a client of its own here."""
        return Api(Scope(self._region, service), self.credentials)

    def json_api_of(self, service: str, variable: str, prefix: str, version: str) -> JsonApi:
        """Calls of a service that speaks AWS's JSON protocol; see `JsonApi` and `url_of`."""
        scope, url = Scope(self._region, service), self.url_of(service, variable)
        return JsonApi(scope, self.credentials, f"{url}/", prefix, version)
