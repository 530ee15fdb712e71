"""Lambda as a command asks it: what its answers become, and those that are none."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused, AwsUnanswered, ResourceMissing
from liveproof.clouds.aws.signature import Credentials
from liveproof_cli.deployments import aws_errors
from liveproof_cli.deployments.aws_lambda import LambdaFunctions
from liveproof_cli.deployments.functions import FunctionFailed
from tests.support.servers import answering, http, serving


def invoked(answer: bytes) -> Any:
    """What an invocation gives when Lambda sends this."""
    with serving(answering(answer)) as aws:
        clients = Clients(
            "ap-southeast-1",
            lambda: Credentials("a", "b", None),
            endpoint=f"http://127.0.0.1:{aws.port}",
        )
        try:
            return LambdaFunctions(clients, "liveproof-test-").invoke("webhooks", {})
        finally:
            assert aws.connections == 1  # what may have been done is not done again


def test_an_answer_is_what_the_function_returned() -> None:
    assert invoked(http(200, b'{"statusCode": 200}')) == {"statusCode": 200}
    assert invoked(http(200, b"")) is None


def test_a_function_that_raised_says_so() -> None:
    answer = http(
        200, b'{"errorType": "KeyError", "errorMessage": "x"}',
        **{"X-Amz-Function-Error": "Unhandled"},
    )  # fmt: skip
    with pytest.raises(FunctionFailed, match="webhooks: KeyError: x"):
        invoked(answer)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ResourceNotFoundException:http://x", ResourceMissing), ("AccessDenied", AwsRefused)],
)
def test_a_refusal_has_its_code(code: str, kind: type[AwsRefused]) -> None:
    with pytest.raises(kind) as refused:
        invoked(http(403, b"{}", **{"x-amzn-ErrorType": code}))
    assert refused.value.code == code.partition(":")[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        http(200, b"<html>a proxy</html>"),
        http(200, b"\xff"),
        http(200, b"[" * 100_000),
    ],
    ids=["half of one", "a page", "no text", "without an end"],
)
def test_an_answer_that_is_none_is_one_that_a_command_explains(answer: bytes) -> None:
    """It was an error that nobody foresaw."""
    with pytest.raises(AwsUnanswered) as lost:
        invoked(answer)
    assert aws_errors.explain_error(lost.value, "it") is not None
