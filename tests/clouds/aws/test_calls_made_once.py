"""Calls that must not be executed twice: no retry after an attempt that may have been executed."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws import api
from liveproof.clouds.aws.errors import AwsError, AwsRefused, AwsUnanswered
from tests.support.json_api import dynamodb, refusal
from tests.support.servers import answering_in_turn, closed_port, http, serving

ANSWER = http(200, b'{"Attributes": {}}', Connection="close")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which take no time here."""
    taken: list[float] = []
    monkeypatch.setattr(api, "sleep", taken.append)
    return taken


def add(port: int) -> dict[str, object]:
    return dynamodb(port).call_at_most_once("UpdateItem", UpdateExpression="ADD spend :more")


def test_the_answer_is_that_of_the_one_attempt() -> None:
    with serving(answering_in_turn(ANSWER)) as server:
        assert add(server.port) == {"Attributes": {}}

    assert server.connections == 1


@pytest.mark.parametrize(
    "first",
    [
        b"",
        refusal("InternalServerError", 500),
        http(503, b"<html>", Connection="close"),
        http(200, b"<html>", Connection="close"),
    ],
    ids=["no answer", "500", "503", "no JSON"],
)
def test_what_may_have_been_executed_is_not_sent_again(first: bytes) -> None:
    """A second attempt would give the same money back twice."""
    with serving(answering_in_turn(first, ANSWER)) as server, pytest.raises(AwsError):
        add(server.port)

    assert server.connections == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "RequestTimeoutException"])
def test_a_refusal_that_executed_nothing_is_sent_again(code: str) -> None:
    with serving(answering_in_turn(refusal(code, 400), ANSWER)) as server:
        assert add(server.port) == {"Attributes": {}}

    assert server.connections == 2


def test_without_a_connection_it_is_tried_again(pauses: list[float]) -> None:
    with pytest.raises(AwsUnanswered) as caught:
        add(closed_port())

    assert not caught.value.sent
    assert len(pauses) == 2


def test_a_refusal_that_no_retry_helps_is_the_last() -> None:
    with (
        serving(answering_in_turn(refusal("ValidationException", 400))) as server,
        pytest.raises(AwsRefused),
    ):
        add(server.port)

    assert server.connections == 1
