"""Events of SCF's function URLs, and the answers to them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from liveproof.api.http import Response
from liveproof.clouds.tencent.http import read_request, write_response


def plain(**changes: Any) -> dict[str, Any]:
    """A function URL's own shape."""
    return {
        "body": "{}",
        "headers": {"authorization": "Bearer x", "x-scf-remote-addr": "192.0.2.1"},
        "httpMethod": "POST",
        "path": "/v1/verifications",
        "queryString": {"limit": "3"},
        **changes,
    }


def compatible(**changes: Any) -> dict[str, Any]:
    """The shape of API Gateway's events."""
    return {
        "body": "{}",
        "headers": {"Authorization": "Bearer x", "X-Scf-Remote-Addr": "192.0.2.1"},
        "headerParameters": {},
        "httpMethod": "POST",
        "isBase64Encoded": False,
        "path": "/v1/verifications",
        "pathParameters": {},
        "queryString": {"limit": "3"},
        "queryStringParameters": {"limit": "3"},
        "requestContext": {"sourceIp": "192.0.2.1", "stage": "release"},
        **changes,
    }


Shape = Callable[..., dict[str, Any]]
shapes = pytest.mark.parametrize("shape", [plain, compatible])


@shapes
def test_an_event_of_either_shape_becomes_the_same_request(shape: Shape) -> None:
    request = read_request(shape())

    assert (request.method, request.path) == ("POST", "/v1/verifications")
    assert request.query == {"limit": ["3"]}
    assert request.headers == {"authorization": "Bearer x", "x-scf-remote-addr": "192.0.2.1"}
    assert request.body == b"{}"


@pytest.mark.parametrize("changes", [{"queryString": None}, {"queryString": {}}])
def test_the_query_of_the_compatible_shape_may_stand_in_one_place(changes: dict[str, Any]) -> None:
    assert read_request(compatible(**changes)).query == {"limit": ["3"]}


def test_missing_fields_of_an_event_are_empty() -> None:
    request = read_request({"httpMethod": "get"})

    assert (request.method, request.path) == ("GET", "/")
    assert (request.body, request.query, request.headers) == (b"", {}, {})


@shapes
@pytest.mark.parametrize("path", ["/v1/verifications/ver_1", "/v1/verifications/%76er_1"])
def test_a_path_may_come_encoded_or_not(shape: Shape, path: str) -> None:
    assert read_request(shape(path=path)).path == "/v1/verifications/ver_1"


@shapes
def test_headers_that_come_several_times_are_joined_and_parameters_are_not(shape: Shape) -> None:
    twice = {"limit": ["3", "4"]}
    event = shape(
        queryString=twice, headers={"Accept": ["a/b", "c/d"]}, queryStringParameters=twice
    )

    request = read_request(event)
    assert request.query == {"limit": ["3", "4"]}
    assert request.headers == {"accept": "a/b,c/d"}


def test_a_body_in_base64_is_decoded() -> None:
    raw = b'{"reference": "\xc3\xbc"}\xff'
    event = compatible(body=base64.b64encode(raw).decode(), isBase64Encoded=True)

    assert read_request(event).body == raw


def test_text_is_the_body_as_it_is() -> None:
    assert read_request(plain(body='{"a": "ü"}')).body == '{"a": "ü"}'.encode()


def test_bytes_that_were_mangled_into_no_text_do_not_become_text() -> None:
    body = read_request(plain(body='"\udcff"')).body

    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_neither_body_nor_urls_appear_in_a_requests_text() -> None:
    assert "canary" not in repr(read_request(plain(body="canary")))


def test_an_answer_is_what_a_function_url_expects() -> None:
    answer = write_response(Response(201, b'{"a":"\xc3\xbc"}', {"Content-Type": "x/y"}))

    assert answer == {
        "statusCode": 201,
        "headers": {"Content-Type": "x/y"},
        "body": '{"a":"ü"}',
        "isBase64Encoded": False,
    }
