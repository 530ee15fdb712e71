"""Requests are the ones that botocore makes, at the same moment and with the same key."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from functools import cache
from typing import Any
from unittest import mock

import boto3
import botocore.auth
import botocore.credentials
import pytest
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from liveproof.clouds.aws import api
from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.signature import Credentials
from liveproof.clouds.aws.webhook_key import KmsKey, KmsKeyUnusable
from liveproof.domain.verification import Proof
from tests.support.servers import http, read_request, serving

NOW = 1_795_000_000_123
MOMENT = datetime.fromtimestamp(NOW // 1000, tz=timezone.utc)
REGION = "ap-southeast-1"
BUCKET = "uploads-bucket"

Sent = tuple[str, dict[str, str], bytes]
"""The request line, the headers by lower-case name, and the body."""

# What says who the client is, and what no signature covers.
_IDLE = {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "accept-encoding", "expect"}

names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
attribute_values = st.one_of(
    st.builds(lambda text: {"S": text}, texts),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda yes: {"BOOL": yes}, st.booleans()),
)
items = st.dictionaries(names, attribute_values, max_size=4)
credentials = st.builds(
    Credentials,
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=20),
    st.text("abcABC019+/", min_size=1, max_size=40),
    st.none() | st.text("abcABC019+/=", min_size=1, max_size=200),
)
regions = st.sampled_from(["ap-southeast-1", "ap-east-1", "us-east-1"])

DYNAMODB = st.one_of(
    st.tuples(st.just("PutItem"), st.fixed_dictionaries({"TableName": names, "Item": items})),
    st.tuples(
        st.just("GetItem"),
        st.fixed_dictionaries({"TableName": names, "Key": items, "ConsistentRead": st.booleans()}),
    ),
    st.tuples(
        st.just("UpdateItem"),
        st.fixed_dictionaries(
            {
                "TableName": names,
                "Key": items,
                "UpdateExpression": texts,
                "ExpressionAttributeNames": st.dictionaries(names, names, max_size=2),
                "ExpressionAttributeValues": items,
                "ReturnValues": st.sampled_from(["ALL_OLD", "UPDATED_NEW"]),
            }
        ),
    ),
    st.tuples(
        st.just("Query"),
        st.fixed_dictionaries(
            {"TableName": names, "KeyConditionExpression": texts, "Limit": st.integers(1, 500)}
        ),
    ),
    st.tuples(
        st.just("TransactWriteItems"),
        st.fixed_dictionaries(
            {
                "TransactItems": st.lists(
                    st.builds(lambda item: {"Put": {"TableName": "t", "Item": item}}, items),
                    min_size=1,
                    max_size=2,
                ),
                "ClientRequestToken": st.text("abcdef0123456789", min_size=1, max_size=36),
            }
        ),
    ),
)
SQS = st.tuples(
    st.just("SendMessage"),
    st.fixed_dictionaries(
        {
            "QueueUrl": names.map(
                lambda name: f"https://sqs.ap-southeast-1.amazonaws.com/1/{name}"
            ),
            "MessageBody": texts,
            "DelaySeconds": st.integers(0, 900),
            "MessageGroupId": names,
        }
    ),
)
SECRETS_MANAGER = st.tuples(
    st.just("GetSecretValue"),
    st.fixed_dictionaries({"SecretId": st.text("abc:/+=.@-ABC", min_size=1, max_size=40)}),
)


@contextmanager
def recording(sent: list[Sent]) -> Iterator[str]:
    """An AWS that answers everything with an empty object; its URL."""

    def serve(connection: socket.socket) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        pairs = (one.partition(":") for one in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        sent.append((line, headers, body))
        method = line.partition(" ")[0]
        connection.sendall(http(200, b"{}" if method == "POST" else b"", Connection="close"))

    with serving(serve) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[str, list[Sent]]]:
    """A recording AWS's URL, and what it was sent."""
    sent: list[Sent] = []
    with recording(sent) as url:
        yield url, sent


@contextmanager
def frozen(url: str) -> Iterator[None]:
    with (
        mock.patch.dict("os.environ", {"AWS_ENDPOINT_URL": url}),
        mock.patch.object(botocore.auth, "get_current_datetime", return_value=MOMENT),
        mock.patch.object(api, "now_ms", return_value=NOW),
    ):
        yield


@cache
def _client(service: str, region: str, url: str) -> Any:
    """Making one takes longer than all requests of a test."""
    client: Any = boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="-",
        aws_secret_access_key="-",
        config=Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path", "payload_signing_enabled": True},
        ),
    )

    def speak_json_only(params: dict[str, Any], **_: object) -> None:
        # It asks SQS to name errors as its older protocol did.
        params["headers"].pop("x-amzn-query-mode", None)

    client.meta.events.register("before-call.sqs", speak_json_only)
    return client


def botocore_client(service: str, region: str, url: str, key: Credentials) -> Any:
    client = _client(service, region, url)
    client._request_signer._credentials = botocore.credentials.Credentials(*key)
    return client


def require_same(
    aws: tuple[str, list[Sent]], ours: Callable[[], object], theirs: Callable[[], object]
) -> None:
    _, sent = aws
    sent.clear()
    ours()
    theirs()
    (our_line, our_headers, our_body), (line, headers, body) = sent
    assert (our_line, our_body) == (line, body)
    assert {name: value for name, value in our_headers.items() if name not in _IDLE} == {
        name: value for name, value in headers.items() if name not in _IDLE
    }


@pytest.mark.parametrize(
    ("service", "calls"),
    [("dynamodb", DYNAMODB), ("sqs", SQS), ("secretsmanager", SECRETS_MANAGER)],
)
def test_a_call_is_byte_for_byte_the_one_that_botocore_sends(
    aws: tuple[str, list[Sent]], service: str, calls: Any
) -> None:
    @settings(max_examples=25, deadline=None)
    @given(call=calls, key=credentials, region=regions)
    def same(call: tuple[str, dict[str, Any]], key: Credentials, region: str) -> None:
        operation, parameters = call
        with frozen(aws[0]):
            ours = getattr(Clients(region, lambda: key), service)
            theirs = botocore_client(service, region, aws[0], key)
            require_same(
                aws,
                lambda: ours.call(operation, **parameters),
                lambda: theirs._make_api_call(operation, parameters),
            )

    same()


@settings(max_examples=25, deadline=None)
@given(content=st.binary(max_size=300), name=names, pair=credentials, region=regions)
def test_kms_is_asked_as_botocore_would(
    aws: tuple[str, list[Sent]], content: bytes, name: str, pair: Credentials, region: str
) -> None:
    with frozen(aws[0]):
        key = KmsKey(Clients(region, lambda: pair), name)
        theirs = botocore_client("kms", region, aws[0], pair)

        def ours(ask: Callable[[], bytes]) -> None:
            with suppress(KmsKeyUnusable):  # the recording AWS answers with nothing
                ask()

        require_same(
            aws,
            lambda: ours(lambda: key.sign(content)),
            lambda: theirs.sign(
                KeyId=name,
                Message=content,
                MessageType="RAW",
                SigningAlgorithm="ED25519_SHA_512",
            ),
        )
        require_same(aws, lambda: ours(key.public_key), lambda: theirs.get_public_key(KeyId=name))


@settings(max_examples=25, deadline=None)
@given(
    key=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
        lambda key: key not in (".", "..") and not key.startswith("/")
    ),
    body=st.binary(min_size=1, max_size=300),
    etag=names,
    pair=credentials,
    region=regions,
)
def test_an_object_is_put_and_read_as_botocore_would(
    aws: tuple[str, list[Sent]], key: str, body: bytes, etag: str, pair: Credentials, region: str
) -> None:
    with frozen(aws[0]):
        bucket = S3Bucket(Clients(region, lambda: pair), BUCKET, region)
        theirs = botocore_client("s3", region, aws[0], pair)
        require_same(
            aws,
            lambda: bucket.put(key, body, "image/jpeg"),
            lambda: theirs.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="image/jpeg"),
        )
        require_same(
            aws,
            lambda: bucket.open(key, Proof(sha256="0" * 64, etag=etag)),
            lambda: theirs.get_object(Bucket=BUCKET, Key=key, IfMatch=f'"{etag}"'),
        )
