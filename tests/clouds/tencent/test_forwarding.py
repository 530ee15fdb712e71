"""A request that another function answers: its event travels as it is, and is asked once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liveproof.api.http import Response
from liveproof.clouds.tencent.forwarding import NotForwarded, forward
from liveproof.clouds.tencent.http import write_response
from liveproof.vendors.tencent.api import TencentApi
from tests.clouds.tencent.standin import ApiStandIn

EVENT = {
    "httpMethod": "GET",
    "path": "/x",
    "headers": {"authorization": "canary"},
    "body": "\udcff",
}
NAME = "liveproof-test-webhooks"
ANSWER = Response(200, '{"keys":"\u00e9"}'.encode(), {"Cache-Control": "public"})


def result(value: object, **changes: Any) -> dict[str, Any]:
    message = value if isinstance(value, str) else json.dumps(value)
    return {"Result": {"InvokeResult": 0, "RetMsg": message, "ErrMsg": "", **changes}}


def test_the_other_function_gets_the_same_event_and_its_answer_comes_back(
    api: TencentApi, standin: ApiStandIn
) -> None:
    standin.answers = [result(write_response(ANSWER))]

    assert forward(api, NAME, EVENT, 5.0) == ANSWER
    (requests,) = standin.requests
    assert (requests.service, requests.version, requests.action) == ("scf", "2018-04-16", "Invoke")
    assert json.loads(requests.parameters.pop("ClientContext")) == EVENT
    assert requests.parameters == {
        "FunctionName": NAME,
        "Namespace": "default",
        "Qualifier": "$LATEST",
        "InvocationType": "RequestResponse",
    }


@pytest.mark.parametrize(
    "answer",
    [
        "InternalError",
        None,
        {},
        {"Result": None},
        result("", InvokeResult=1, ErrMsg="canary"),
        result(""),
        result("canary"),
        result({"statusCode": 200}),
        result({"statusCode": "canary", "headers": {}, "body": ""}),
        result({"statusCode": 200, "headers": {}, "body": None}),
        result({"statusCode": 200, "headers": None, "body": ""}),
    ],
)
def test_without_an_answer_it_is_asked_no_second_time_and_shows_nothing(
    api: TencentApi, standin: ApiStandIn, answer: Any
) -> None:
    standin.answers = [answer]
    with pytest.raises(NotForwarded) as failed:
        forward(api, NAME, EVENT, 5.0)

    assert len(standin.requests) == 1
    assert NAME in str(failed.value)
    assert "canary" not in str(failed.value)
