"""The local AWS refuses what S3 refuses of a signed request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
import requests
from botocore.config import Config

from tools import http_client
from tools.local.aws import ministack
from tools.local.aws.s3_refusals import refusal_of

SCOPE = "AKID/20261126/ap-southeast-1/s3/aws4_request"


def request(headers: dict[str, str], signed: str = "host", **changes: str) -> dict[str, Any]:
    """A presigned request, as a server hands it to an application."""
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={changes.get('scope', SCOPE)}"
        f"&X-Amz-SignedHeaders={signed}&X-Amz-Signature=ab"
    )
    return {
        "type": "http",
        "path": changes.get("path", "/bucket/key"),
        "query_string": changes.get("query", query).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def parsed(refusal: tuple[int, bytes] | None) -> tuple[int, str | None, str | None]:
    assert refusal is not None
    document = ElementTree.fromstring(refusal[1])  # noqa: S314
    return refusal[0], document.findtext("Code"), document.findtext("HeadersNotSigned")


@pytest.mark.parametrize(
    "name",
    ["x-amz-acl", "X-Amz-Meta-Who", "x-amz-storage-class", "x-amz-tagging", "x-amz-user-agent",
     "x-amz-security-token", "x-amz-server-side-encryption-customer-key", "x-amz-copy-source"],
)  # fmt: skip
def test_an_x_amz_header_that_is_not_signed_is_refused_by_name(name: str) -> None:
    unsigned = request({"host": "a", name: "b"})
    assert parsed(refusal_of(unsigned)) == (403, "AccessDenied", name.lower())
    assert refusal_of(request({"host": "a", name: "b"}, f"host%3B{name.lower()}")) is None


def test_the_hash_of_a_payload_is_tolerated_unsigned_only_if_it_says_that_it_is() -> None:
    assert refusal_of(request({"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})) is None
    assert parsed(refusal_of(request({"x-amz-content-sha256": "0" * 64}))) == (
        403, "AccessDenied", "x-amz-content-sha256",
    )  # fmt: skip


@pytest.mark.parametrize("authorization", ["Bearer key", "Basic YTpi", "AWS4-HMAC-SHA256 a"])
def test_an_authorization_header_beside_a_signed_url_is_refused(authorization: str) -> None:
    refused = refusal_of(request({"authorization": authorization}))
    assert parsed(refused) == (400, "InvalidArgument", None)


def test_signatures_in_the_header_are_looked_at_as_well() -> None:
    signed = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature=ab"
    headers = {"authorization": signed, "x-amz-date": "20261126T000000Z"}
    assert refusal_of(request(headers, query="")) is None
    assert parsed(refusal_of(request({**headers, "x-amz-acl": "private"}, query=""))) == (
        403, "AccessDenied", "x-amz-acl",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        ({"content-encoding": "gzip", "x-amzn-trace-id": "a"}, {}),
        ({"x-amz-acl": "private"}, {"query": ""}),
        ({"x-amz-acl": "private"}, {"scope": SCOPE.replace("/s3/", "/sqs/")}),
        ({"authorization": "Bearer key", "x-amz-acl": "a"}, {"path": "/_aws/execute-api/a/v1"}),
        ({"authorization": "Bearer key"}, {"query": ""}),
    ],
    ids=["other headers", "anonymous", "another service", "an HTTP API", "an API key"],
)
def test_every_other_request_is_forwarded(headers: dict[str, str], changes: dict[str, str]) -> None:
    assert refusal_of(request(headers, **changes)) is None


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    log = tmp_path_factory.mktemp("aws") / "ministack.log"
    with ministack.run_ministack("ap-southeast-1", log) as aws:
        # Without it boto3 signs URLs by the older method, which signs every x-amz- header.
        newer = Config(signature_version="s3v4")
        s3 = boto3.client(
            "s3", endpoint_url=aws.endpoint, region_name=aws.region, config=newer,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip
        where: Any = {"LocationConstraint": "ap-southeast-1"}
        s3.create_bucket(Bucket="a-bucket", CreateBucketConfiguration=where)
        yield s3


def test_the_local_aws_refuses_them_before_it_stores_anything(bucket: Any) -> None:
    place = {"Bucket": "a-bucket", "Key": "uploads/a"}
    url = bucket.generate_presigned_url("put_object", Params=place)
    body = bytes(300_000)
    length = {"Content-Length": str(len(body))}
    for extra, status, code in (
        ({"x-amz-meta-who": "me"}, 403, b"<HeadersNotSigned>x-amz-meta-who<"),
        ({"x-amz-storage-class": "GLACIER"}, 403, b"AccessDenied"),
        ({"Authorization": "Bearer key"}, 400, b"InvalidArgument"),
    ):
        answer = http_client.request("PUT", url, {**length, **extra}, body)
        assert (answer.status, code in answer.body) == (status, True), answer.body
    assert "Contents" not in bucket.list_objects_v2(Bucket="a-bucket")
    assert (
        http_client.request("PUT", url, {**length, "Content-Encoding": "gzip"}, body).status == 200
    )
    # The SDK signs what it sends.
    bucket.put_object(**place, Body=b"x", Metadata={"who": "me"}, StorageClass="STANDARD_IA")
    assert bucket.head_object(**place)["Metadata"] == {"who": "me"}


def test_the_local_aws_answers_browsers_by_the_buckets_rule(bucket: Any) -> None:
    """Pins MiniStack to what docs/local.md says; its other services allow every origin."""
    rule: Any = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://app.example"]}
    bucket.put_bucket_cors(Bucket="a-bucket", CORSConfiguration={"CORSRules": [rule]})
    url = bucket.generate_presigned_url("put_object", Params={"Bucket": "a-bucket", "Key": "b"})
    for origin, status in (("https://app.example", 200), ("https://other.example", 403)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        assert http_client.request("OPTIONS", url, headers).status == status, origin


def test_a_page_may_read_why_it_was_refused(bucket: Any) -> None:
    rule: Any = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://app.example"]}
    bucket.put_bucket_cors(Bucket="a-bucket", CORSConfiguration={"CORSRules": [rule]})
    url = bucket.generate_presigned_url("put_object", Params={"Bucket": "a-bucket", "Key": "c"})
    for extra, status in (({"Authorization": "Bearer key"}, 400), ({"x-amz-acl": "private"}, 403)):
        for origin, allowed in (("https://app.example", "https://app.example"), ("null", None)):
            answer = requests.put(url, b"x", headers={"Origin": origin, **extra}, timeout=60)
            assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (
                status, allowed,
            )  # fmt: skip
