"""A function's URL: requests become events, values become answers."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.tools.local.tencent.platform.conftest import World, function, world

MB = 1024 * 1024


def seen(reply: Any) -> Any:
    return json.loads(reply.body)["event"]


def test_the_event_has_the_published_fields_and_no_others(sample: World) -> None:
    headers = {"X-Custom-Name": "Value", "X-Scf-Remote-Addr": "8.8.8.8", "X-Scf-Secret": "mine"}
    reply = sample.http("POST", "/v1/things/a%20b?a=1&b=x%20y&c=", {"k": "v"}, headers)
    event = seen(reply)
    assert set(event) == {"body", "headers", "httpMethod", "path", "queryString"}
    assert event["body"] == '{"k": "v"}'
    assert (event["httpMethod"], event["path"]) == ("POST", "/v1/things/a%20b")
    assert event["queryString"] == {"a": "1", "b": "x y", "c": ""}
    host = urlsplit(sample.platform.urls["front"]).netloc
    assert event["headers"] == {
        "host": host, "content-length": "10", "x-custom-name": "Value",
        "x-scf-remote-addr": "127.0.0.1",
    }  # fmt: skip


def test_headers_that_come_twice_are_joined(sample: World) -> None:
    connection = http.client.HTTPConnection(
        urlsplit(sample.platform.urls["front"]).netloc, timeout=10
    )
    connection.putrequest("GET", "/")
    connection.putheader("X-One", "a")
    connection.putheader("x-one", "b")
    connection.endheaders()
    event = json.loads(connection.getresponse().read())["event"]
    connection.close()
    assert (event["headers"]["x-one"], event["httpMethod"], event["body"]) == ("a, b", "GET", "")


@pytest.fixture(scope="module")
def compatible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    front = {"front": function(triggers=[{"type": "http"}])}
    folder = tmp_path_factory.mktemp("compatible")
    with world(folder, front, api_gateway_shape=True) as running:
        yield running


def test_in_the_api_gateways_shape_the_event_has_its_fields(compatible: World) -> None:
    event = seen(compatible.http("POST", "/v1/x?a=1", {"k": "v"}))
    assert set(event) == {
        "body", "headers", "httpMethod", "path", "queryString", "headerParameters",
        "isBase64Encoded", "pathParameters", "queryStringParameters", "requestContext",
    }  # fmt: skip
    assert event["queryStringParameters"] == event["queryString"] == {"a": "1"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"k": "v"}', False)
    context = event["requestContext"]
    assert (context["sourceIp"], context["path"], context["httpMethod"]) == (
        "127.0.0.1", "/v1/x", "POST",
    )  # fmt: skip
    raw = seen(compatible.http("PUT", "/", raw=b"\xff\x00"))
    assert raw["isBase64Encoded"] is True
    assert base64.b64decode(raw["body"]) == b"\xff\x00"


def answered(sample: World, value: object) -> Any:
    return sample.http("POST", "/", {"return": value})


def test_a_value_with_a_status_is_the_answer(sample: World) -> None:
    value = {"statusCode": 201, "headers": {"X-Mine": "yes"}, "body": '{"ok": true}'}
    connection = http.client.HTTPConnection(
        urlsplit(sample.platform.urls["front"]).netloc, timeout=10
    )
    connection.request("POST", "/", json.dumps({"return": value}))
    reply = connection.getresponse()
    assert (reply.status, reply.read(), reply.headers["X-Mine"]) == (201, b'{"ok": true}', "yes")
    connection.close()


def test_a_value_in_base64_is_the_bytes(sample: World) -> None:
    value = {"statusCode": 200, "body": "/wA=", "isBase64Encoded": True}
    assert answered(sample, value).body == b"\xff\x00"


@pytest.mark.parametrize("value", [{"a": 1}, "text", 5, [1], True])
def test_a_value_without_a_status_is_json_with_200(sample: World, value: object) -> None:
    reply = answered(sample, value)
    assert (reply.status, json.loads(reply.body)) == (200, value)


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "200"},
        {"statusCode": True},
        {"statusCode": 99},
        {"statusCode": 200, "headers": {"Set-Cookie": ["a", "b"]}},
        {"statusCode": 200, "headers": {"X-Count": 1}},
        {"statusCode": 200, "body": {"a": 1}},
    ],
)
def test_a_value_that_is_no_http_answer_is_reported(sample: World, value: object) -> None:
    reply = answered(sample, value)
    assert reply.status == 430
    assert "no HTTP answer" in json.loads(reply.body)["errorMessage"]


@pytest.mark.parametrize(
    ("event", "status"), [({"raise": "mine"}, 430), ({"sleep": 20}, 433), ({"exit": 1}, 439)]
)
def test_a_failure_is_answered_with_the_platforms_status(
    sample: World, event: dict[str, object], status: int
) -> None:
    reply = sample.http("POST", "/", event)
    document = json.loads(reply.body)
    assert (reply.status, document["statusCode"]) == (status, status)
    assert document["requestId"]


def test_a_request_may_have_6_mb_with_everything(sample: World) -> None:
    event = {"python": "len(event['body'])"}
    size = 6 * MB - 1000
    padded = json.dumps({**event, "x": "a" * (size - len(json.dumps({**event, "x": ""})))})
    reply = sample.http("POST", "/", raw=padded.encode())
    assert (reply.status, json.loads(reply.body)) == (200, size)
    assert sample.http("POST", "/", raw=b"a" * (6 * MB)).status == 413
    assert sample.http("POST", "/", raw=b"a" * (7 * MB)).status == 413


def test_an_answer_may_have_6_mb(sample: World) -> None:
    fits = sample.http("POST", "/", {"python": f"'x' * ({6 * MB} - 2)"})
    assert (fits.status, len(fits.body)) == (200, 6 * MB)
    over = sample.http("POST", "/", {"python": f"'x' * ({6 * MB} - 1)"})
    assert over.status == 430
    assert "6 MB" in json.loads(over.body)["errorMessage"]


def test_when_no_container_is_free_in_time_the_caller_gets_an_error(tmp_path: Path) -> None:
    front = {"front": function(triggers=[{"type": "http"}], timeout_seconds=1),
             "once": function()}  # fmt: skip
    with world(tmp_path, front, most_containers=0) as running:
        reply = running.http("GET", "/")
    assert (reply.status, json.loads(reply.body)["errorMessage"]) == (432, "no container is free")
