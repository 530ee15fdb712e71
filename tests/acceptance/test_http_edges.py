"""Odd requests to the deployed API: the same answers on both clouds, and never a fault of ours."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance.client import Client
from tests.acceptance.differences import NO_ROUTE, TWICE
from tools.local.cloud import LocalCloud


def raw(
    cloud: LocalCloud, method: str, path: str, *headers: bytes, body: bytes = b""
) -> tuple[int, Any]:
    """One request, byte by byte; the status, and the body as JSON."""
    parts = urlsplit(cloud.api)
    head = [
        f"{method} {parts.path}{path} HTTP/1.1".encode(),
        f"Host: {parts.netloc}".encode(),
        b"Connection: close",
        f"Content-Length: {len(body)}".encode(),
        *headers,
    ]
    address = (str(parts.hostname), parts.port or 80)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"\r\n".join([*head, b"", b""]) + body)
        received = b""
        while part := connection.recv(65536):
            received += part
    status, _, rest = received.partition(b"\r\n")
    return int(status.split()[1]), json.loads(rest.partition(b"\r\n\r\n")[2])


@pytest.fixture
def key(local_cloud: LocalCloud) -> bytes:
    return b"Authorization: Bearer " + local_cloud.api_key.encode()


def test_the_public_keys_of_webhooks_are_there_for_everybody(local_cloud: LocalCloud) -> None:
    path = "/.well-known/liveproof/webhook-keys.json"
    status, document = raw(local_cloud, "GET", path)
    listed = [key["public_key"] for key in document["keys"]]

    assert (status, set(document)) == (200, {"keys", "evidence_keys"})
    assert set(listed) == {client.public_key for client in local_cloud.clients}
    assert len(listed) == len(set(listed))
    status, document = raw(local_cloud, "GET", f"{path}?client=x")
    assert (status, document["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("byte", [b"\xe9", b"\xff\xfe", b"\xc3\xa9"])
def test_a_key_with_bytes_above_127_is_unknown(local_cloud: LocalCloud, byte: bytes) -> None:
    """It was a 500 on Tencent Cloud."""
    header = b"Authorization: Bearer lp_" + byte
    status, document = raw(local_cloud, "GET", "/v1/verifications", header)

    assert (status, document["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("byte", [b"\xe9", b"\xff\xfe", b"\xc3\xa9"])
def test_other_headers_with_such_bytes(local_cloud: LocalCloud, key: bytes, byte: bytes) -> None:
    header = b"Idempotency-Key: k" + byte
    status, document = raw(
        local_cloud, "GET", "/v1/verifications?limit=1", key, b"X-Other: " + byte
    )
    assert (status, "verifications" in document) == (200, True)

    body = b'{"check": "photo", "inputs": {}}'
    status, document = raw(local_cloud, "POST", "/v1/verifications", key, header, body=body)
    assert (status, document.get("field")) == (400, "Idempotency-Key")


@pytest.mark.parametrize("query", ["referenz=order-7", "limit=1&x=", "LIMIT=1", "%ff=1"])
def test_an_unknown_query_parameter_is_refused(
    local_cloud: LocalCloud, key: bytes, query: str
) -> None:
    status, document = raw(local_cloud, "GET", f"/v1/verifications?{query}", key)

    assert (status, document["code"]) == (400, "invalid_request")
    assert document["detail"].startswith("there is no such query parameter")
    accepted = raw(local_cloud, "GET", "/v1/verifications?limit=1&status=held", key)
    assert accepted == (200, {"verifications": [], "next_cursor": None})


def test_a_query_parameter_that_comes_twice(local_cloud: LocalCloud, key: bytes) -> None:
    status, document = raw(local_cloud, "GET", "/v1/verifications?limit=1&limit=1", key)

    assert status == TWICE.of(local_cloud.name), document
    assert raw(local_cloud, "GET", "/v1/verifications?limit=1", key)[0] == 200


@pytest.mark.parametrize("path", ["/v1/verifications/", "/v1/verifications/{id}/", "/v1/nothing"])
def test_an_unknown_route_is_a_404_and_so_is_a_slash_at_its_end(
    client: Client, key: bytes, path: str
) -> None:
    cloud = client.cloud
    created = client.create(client.files())
    assert raw(cloud, "GET", f"/v1/verifications/{created['id']}", key)[0] == 200

    status, document = raw(cloud, "GET", path.format(id=created["id"]), key)
    assert status == 404
    assert set(document) == NO_ROUTE.of(cloud.name)


def test_a_route_without_a_body_refuses_one(client: Client) -> None:
    created = client.create(client.files())
    with pytest.raises(Exception, match="HTTP 400 invalid_request: there is no such field"):
        client.api._request("POST", f"/v1/verifications/{created['id']}/uploads", {"inputs": []})
    assert client.api.renew(created["id"])["uploads"]
