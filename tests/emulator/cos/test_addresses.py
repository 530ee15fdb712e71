"""The ways to say which bucket a request is for; what each was signed for stays what it is."""

import socket
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import BUCKET, Presign, fields, presigner

OTHER_DOMAIN = BUCKET.replace("myqcloud.com", "tencentcos.cn")


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def authorization(vendor: testing.Running, method: str, path: str, host: str) -> str:
    signed = fields(vendor.secret_id, vendor.secret_key, method, path, {"host": host}, {})
    return "&".join(f"{name}={value}" for name, value in signed.items())


@pytest.mark.parametrize(
    "host",
    [
        BUCKET,
        f"{BUCKET}:8443",
        OTHER_DOMAIN,
        f"{BUCKET.replace('myqcloud.com', 'localhost')}:4010",
    ],
)
def test_a_bucket_is_named_by_the_host_header_whatever_the_domain_and_port(
    vendor: testing.Running, presign: Presign, web: Any, host: str
) -> None:
    for signed in {host, host.partition(":")[0]}:
        for method, body in (("PUT", host.encode()), ("GET", None)):
            headers = {"Host": host, "Authorization": authorization(vendor, method, "/a b", signed)}
            assert web(method, f"{vendor.url}/a%20b", body, headers).status == 200
    assert web("GET", presign("GET", key="a b")).body == host.encode()


def test_a_signature_for_one_bucket_opens_no_other(vendor: testing.Running, web: Any) -> None:
    other = BUCKET.replace("team", "another")
    headers = {"Host": other, "Authorization": authorization(vendor, "PUT", "/a", BUCKET)}
    assert web("PUT", f"{vendor.url}/a", b"x", headers).status == 403


def test_the_bare_address_is_one_bucket_s_custom_domain_if_the_request_is_signed(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    for method, body in (("PUT", b"bare"), ("GET", None)):
        headers = {"Authorization": authorization(vendor, method, "/a/b", vendor.endpoint)}
        assert web(method, f"{vendor.url}/a/b", body, headers).status == 200
    assert web("GET", presign("GET", key="a/b")).body == b"bare"
    assert web("GET", f"{vendor.url}/a/b").status == 404
    by_url = presign("GET", key="a/b").replace(f"/cos/{BUCKET}/a%2Fb", "/a/b")
    assert web("GET", by_url).body == b"bare"


def test_the_server_can_be_the_proxy_to_a_bucket(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    web("PUT", presign("PUT", key="a"), b"proxied")
    host, _, port = vendor.endpoint.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(
            f"GET http://{BUCKET}/a HTTP/1.1\r\nHost: {BUCKET}\r\nConnection: close\r\n"
            f"Authorization: {authorization(vendor, 'GET', '/a', BUCKET)}\r\n\r\n".encode()
        )
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.endswith(b"\r\n\r\nproxied")


def test_storage_by_another_domain_is_the_same_bucket(presign: Presign, web: Any) -> None:
    web("PUT", presign("PUT", bucket=OTHER_DOMAIN), b"x")
    assert web("GET", presign("GET")).body == b"x"


def test_deletion_and_lists_can_go_wrong_on_request(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    web("PUT", presign("PUT"), b"x")
    vendor.fault("DeleteObject", "rate-limited-always")
    vendor.fault("GetBucket", "rate-limited-always")
    assert web("DELETE", presign("DELETE")).status == 503
    assert web("GET", presign("GET", key="")).status == 503
    assert web("GET", presign("GET")).status == 200
