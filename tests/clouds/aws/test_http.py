"""Requests that API Gateway hands to Lambda, and the answers to them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from liveproof.api.http import Response
from liveproof.clouds.aws.http import read_request, write_response


def http_event(**changes: Any) -> dict[str, Any]:
    return {"version": "2.0", "routeKey": "POST /v1/verifications", "headers": {}, **changes}


def test_an_http_event_becomes_a_request() -> None:
    request = read_request(
        http_event(
            routeKey="POST /v1/verifications/{id}/uploads",
            rawPath="/stage/v1/verifications/ver_1/uploads",
            headers={"Authorization": "Bearer x", "idempotency-key": "k"},
            pathParameters={"id": "ver_1"},
            queryStringParameters={"limit": "3,4", "cursor": "a b"},
            rawQueryString="limit=3&limit=4&cursor=a%20b",
            body="{}",
            isBase64Encoded=False,
        )
    )

    assert (request.method, request.path) == ("POST", "/v1/verifications/ver_1/uploads")
    assert request.headers == {"authorization": "Bearer x", "idempotency-key": "k"}
    assert request.query == {"limit": ["3", "4"], "cursor": ["a b"]}
    assert request.body == b"{}"


def test_a_body_in_base64_is_decoded() -> None:
    raw = b'{"reference": "\xc3\xbc"}\xff'
    event = http_event(body=base64.b64encode(raw).decode(), isBase64Encoded=True)

    assert read_request(event).body == raw


def test_missing_fields_of_an_event_are_empty() -> None:
    request = read_request({"routeKey": "GET /v1/verifications"})

    assert (request.body, request.query, request.headers) == (b"", {}, {})


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("a=1,2", {"a": ["1,2"]}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a=&b", {"a": [""], "b": [""]}),
        ("%ff=%ff", {"\ufffd": ["\ufffd"]}),
        ("\udcff=\udcff", {"\udcff": ["\udcff"]}),
        ("&&=", {"": [""]}),
    ],
)
def test_a_comma_in_a_parameter_is_distinguished_from_two_parameters(
    raw: str, query: dict[str, list[str]]
) -> None:
    assert read_request(http_event(rawQueryString=raw)).query == query


@pytest.mark.parametrize("parameters", [None, {}, {"id": ""}])
def test_an_empty_part_of_a_path_is_an_empty_part(parameters: dict[str, str] | None) -> None:
    """`/v1/verifications/`, should the gateway take it for a route: a 404, and no failed run."""
    event = http_event(routeKey="GET /v1/verifications/{id}", pathParameters=parameters)

    assert read_request(event).path == "/v1/verifications/"


def test_bytes_that_were_mangled_into_no_text_do_not_become_text() -> None:
    body = read_request(http_event(body='"\udcff"')).body

    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_neither_body_nor_urls_appear_in_a_requests_text() -> None:
    request = read_request(http_event(body="canary"))

    assert "canary" not in repr(request)
    assert "canary" not in repr(Response(200, b"canary", {}))


def test_an_answer_is_what_api_gateway_expects() -> None:
    answer = write_response(Response(201, b'{"a":"\xc3\xbc"}', {"Content-Type": "x/y"}))

    assert answer == {"statusCode": 201, "headers": {"Content-Type": "x/y"}, "body": '{"a":"ü"}'}
