"""Requests that an operator makes in a client's place: by Invoke, without the client's API key."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from liveproof.api.http import Response
from liveproof.api.operator_requests import OperatorRequest, operator_request
from liveproof.api.routes import serve
from tests.support.deployment import CLIENT, Deployment

TEST = OperatorRequest("POST", "/v1/webhooks/test", CLIENT)


def ask(deployment: Deployment, request: OperatorRequest) -> Response:
    read = operator_request(json.loads(json.dumps(request.event())))
    assert read == request
    return serve(deployment.dependencies, "webhooks", read.request(), acting_for=read.client)


def test_the_deployment_tests_a_clients_endpoint_for_an_operator(deployment: Deployment) -> None:
    response = ask(deployment, TEST)

    assert response.status == 200
    assert json.loads(response.body)["client"] == CLIENT
    assert len(deployment.endpoint.delivered) == 1


def test_an_operator_and_the_client_share_the_pace(deployment: Deployment) -> None:
    assert [ask(deployment, TEST).status for _ in range(2)] == [200, 429]


def test_a_client_that_there_is_not_is_not_found(deployment: Deployment) -> None:
    response = ask(deployment, msgspec.structs.replace(TEST, client="nobody"))

    assert response.status == 404
    assert deployment.endpoint.delivered == []


@pytest.mark.parametrize(
    "event",
    [
        {"routeKey": "POST /v1/webhooks/test", "operator_request": TEST.event()},
        {"httpMethod": "POST", "body": json.dumps(TEST.event())},
        {},
        None,
        "operator_request",
    ],
)
def test_no_http_request_is_one(event: Any) -> None:
    assert operator_request(event) is None


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"method": "POST", "path": "/", "key": "x"},
        {"method": "POST", "path": "/", "client": "shop", "body": "{}"},
    ],
)
def test_a_malformed_operator_request_is_refused(message: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        operator_request({"operator_request": message})
