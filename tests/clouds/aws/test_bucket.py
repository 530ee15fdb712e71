"""The Bucket port on S3, and URLs that are the ones botocore would sign."""

from __future__ import annotations

import base64
import hashlib
import socket
from collections import deque
from datetime import datetime, timezone
from functools import partial
from typing import Any

import boto3
import botocore.auth
import botocore.loaders
import botocore.session
import pytest
from botocore.config import Config

from liveproof.clouds.aws import api
from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused, AwsUnanswered
from liveproof.domain.verification import Proof
from liveproof.ports import ObjectMissing, ObjectReplaced, ObjectUnreadable
from tests.support.aws import BUCKET, REGION, s3
from tests.support.servers import answering, http, read_request, serving

NOW = 1_795_000_000_123
MD5 = hashlib.md5(b"bytes", usedforsecurity=False).hexdigest()
LOADER = botocore.loaders.create_loader()
"""Keeps S3's description, which is large."""

KEYS = [
    "uploads/ver_01/image/abc",
    "uploads/ver 01/im+age/a&b=c",
    "uploads/größe/\U0001f600/~._-",
    "a%2Fb//c/./d",
]


@pytest.fixture
def bucket(clients: Clients) -> S3Bucket:
    return S3Bucket(clients, BUCKET, REGION)


def signed_by_botocore(
    monkeypatch: pytest.MonkeyPatch, key: str, expires_in: int, **client: Any
) -> str:
    """What boto3 makes of the same upload at the same moment."""
    moment = datetime.fromtimestamp(NOW // 1000, tz=timezone.utc)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moment)
    style = client.pop("style")
    config = Config(signature_version="s3v4", s3={"addressing_style": style})
    session = botocore.session.get_session()
    session.register_component("data_loader", LOADER)
    theirs = boto3.Session(botocore_session=session).client(
        "s3", region_name=REGION, config=config, **client
    )
    url: str = theirs.generate_presigned_url(
        "put_object",
        Params={
            "Bucket": BUCKET,
            "Key": key,
            "ContentMD5": base64.b64encode(bytes.fromhex(MD5)).decode(),
            "ContentLength": 5,
            "ContentType": "image/jpeg",
            "IfNoneMatch": "*",
        },
        ExpiresIn=expires_in,
    )
    return url


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("token", [None, "session/token+with=signs"])
@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566", "https://s3.local.example/"])
def test_a_url_is_byte_for_byte_the_one_that_botocore_signs(
    bucket: S3Bucket,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    token: str | None,
    endpoint: str | None,
) -> None:
    if token is not None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    client: dict[str, Any] = {"style": "virtual"}
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    if endpoint is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client = {"style": "path", "endpoint_url": endpoint.rstrip("/")}

    upload = bucket.presign_put(key, MD5, 5, "image/jpeg", NOW, NOW + 900_000)

    assert upload.url == signed_by_botocore(monkeypatch, key, 900, **client)
    assert upload.headers == {
        "Content-MD5": base64.b64encode(bytes.fromhex(MD5)).decode(),
        "Content-Length": "5",
        "Content-Type": "image/jpeg",
        "If-None-Match": "*",
    }


def test_every_header_is_signed(bucket: S3Bucket) -> None:
    url = bucket.presign_put("key", MD5, 5, "image/jpeg", NOW, NOW + 900_000).url

    names = "content-length%3Bcontent-md5%3Bcontent-type%3Bhost%3Bif-none-match"
    assert f"X-Amz-SignedHeaders={names}&" in url


def test_rotated_credentials_sign_the_next_url(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bucket.presign_put("key", MD5, 5, "image/jpeg", NOW, NOW + 900_000).url
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANEXT")
    after = bucket.presign_put("key", MD5, 5, "image/jpeg", NOW, NOW + 900_000).url

    assert "AKIAEXAMPLE" in before
    assert "AKIANEXT" in after


@pytest.mark.parametrize(("left_ms", "seconds"), [(900_000, 900), (1_999, 1), (10, 1)])
def test_a_url_never_outlives_its_time_but_by_the_second_it_needs(
    bucket: S3Bucket, left_ms: int, seconds: int
) -> None:
    url = bucket.presign_put("key", MD5, 5, "image/jpeg", NOW, NOW + left_ms).url

    assert f"X-Amz-Expires={seconds}&" in url


def test_a_stored_object_is_read_and_described(bucket: S3Bucket) -> None:
    bucket.put("evidence/one.jpg", b"0123456789", "image/jpeg")

    with bucket.open("evidence/one.jpg") as stream:
        assert stream.size == 10
        assert stream.etag == hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()
        assert (stream.version, stream.content_encoding) == (None, None)
        assert (stream.read(4), stream.read(4), stream.read(4), stream.read(4)) == (
            b"0123",
            b"4567",
            b"89",
            b"",
        )
    with bucket.open("evidence/one.jpg") as stream:
        assert stream.read() == b"0123456789"


def test_only_the_proven_object_is_opened_again(bucket: S3Bucket) -> None:
    bucket.put("key", b"0123456789", "image/jpeg")
    with bucket.open("key") as stream:
        proof = Proof(sha256="0" * 64, etag=stream.etag)
    with bucket.open("key", proof) as stream:
        assert stream.read() == b"0123456789"
    bucket.put("key", b"9876543210", "image/jpeg")

    with pytest.raises(ObjectReplaced):
        bucket.open("key", proof)
    with bucket.open("key", Proof(sha256="0" * 64, etag="")) as stream:
        assert stream.read() == b"9876543210"


def test_an_archived_object_is_unreadable_for_good(bucket: S3Bucket) -> None:
    for key, storage_class in (("cold", "GLACIER"), ("warm", "STANDARD_IA")):
        s3().put_object(
            Bucket=BUCKET,
            Key=key,
            Body=b"0123456789",
            StorageClass=storage_class,  # type: ignore[arg-type]
        )

    with pytest.raises(ObjectUnreadable):
        bucket.open("cold")
    with bucket.open("warm") as stream:
        assert stream.read() == b"0123456789"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidRequest", ObjectUnreadable),
        ("InvalidObjectState", ObjectUnreadable),
        ("AccessDenied", AwsRefused),
        ("ExpiredToken", AwsRefused),
        ("KMS.DisabledException", AwsRefused),
    ],
)
def test_only_a_refusal_that_will_never_pass_is_unreadable(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch, code: str, expected: type[Exception]
) -> None:
    refusal = http(400, f"<Error><Code>{code}</Code></Error>".encode(), Connection="close")
    with serving(answering(refusal)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        with pytest.raises(expected):
            bucket.open("key")


def test_an_object_tells_its_content_encoding_and_is_read_as_stored(bucket: S3Bucket) -> None:
    s3().put_object(Bucket=BUCKET, Key="key", Body=b"0123", ContentEncoding="gzip")

    with bucket.open("key") as stream:
        assert (stream.content_encoding, stream.read()) == ("gzip", b"0123")


def test_an_object_that_is_not_there_is_missing(bucket: S3Bucket) -> None:
    with pytest.raises(ObjectMissing):
        bucket.open("nothing")


def test_any_other_refusal_is_not_taken_for_a_missing_object(clients: Clients) -> None:
    elsewhere = S3Bucket(clients, "no-such-bucket", REGION)

    with pytest.raises(AwsRefused, match="404 NoSuchBucket"):
        elsewhere.open("key")


# -- trouble


def test_a_request_that_may_pass_is_retried(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "sleep", lambda _: None)
    slow = http(503, b"<Error><Code>SlowDown</Code></Error>", Connection="close")
    answers = [slow, b"", http(200, b"face", ETag='"e"', Connection="close")]

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answers.pop(0))

    with serving(serve) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        with bucket.open("key") as stream:
            assert (stream.read(), stream.etag) == (b"face", "e")


@pytest.mark.parametrize("amount", [-1, 2, 100])
def test_an_object_that_breaks_off_is_never_taken_for_a_whole_one(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch, amount: int
) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"
    with serving(answering(cut)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        with bucket.open("key") as stream, pytest.raises(AwsUnanswered, match="GetObject"):
            deque(iter(partial(stream.read, amount), b""), maxlen=0)


def test_an_object_without_a_length_is_not_read(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nface")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        with pytest.raises(AwsUnanswered, match="no Content-Length"):
            bucket.open("key")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed_not_even_to_the_region_that_s3_names(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with serving(answering(http(200))) as other:
        to = f"http://127.0.0.1:{other.port}/"
        pointing = http(status, Location=to, x_amz_bucket_region="us-west-2", Connection="close")
        with serving(answering(pointing)) as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
            with pytest.raises(AwsRefused):
                bucket.open("key")
            with pytest.raises(AwsRefused):
                bucket.put("key", b"face", "image/jpeg")

    assert (server.connections, other.connections) == (2, 0)


def test_one_connection_serves_every_object(
    clients: Clients, bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            connection.sendall(http(200, b"face" if request.startswith(b"GET") else b""))

    with serving(serve) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        for _ in range(3):
            bucket.put("key", b"face", "image/jpeg")
            with bucket.open("key") as stream:
                stream.read()
        del clients.s3  # with its connection: the server would wait for more

    assert server.connections == 1
