"""Webhooks that go on to the user's own receiver, as `make local ARGS="--webhook URL"` has it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.support.upstream import Arrived, Upstream, upstream
from tools.webhooks.forwarding import require_target


@pytest.fixture
def own_receiver(client: Client) -> Iterator[type[Upstream]]:
    """A receiver to which the local one forwards, during a test."""
    endpoint = client.cloud.receiver.endpoints["/webhooks"]
    with upstream(204) as (url, own):
        endpoint.target = require_target(url)
        try:
            yield own
        finally:
            endpoint.target = None


def arrived(own: type[Upstream], verification: Mapping[str, Any]) -> list[Arrived]:
    """The requests about a verification; the suite's others go there as well."""
    return [request for request in own.requests if verification["id"].encode() in request[2]]


def test_the_webhook_reaches_it_unchanged_and_is_listed_as_well(
    client: Client, own_receiver: type[Upstream]
) -> None:
    seen = client.outcome(client.start(reference="Zo\u00eb")["id"])
    (kept,) = client.cloud.receiver.of(seen["id"])
    assert kept.verified
    ((path, headers, body),) = arrived(own_receiver, seen)
    assert path == "/own/hook?a=1"
    assert body.decode() == kept.body
    lower = {name.lower(): value for name, value in headers}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature", "user-agent"):
        assert lower[name] == kept.headers[name]


def test_its_refusal_is_the_answer_and_the_webhook_comes_again(
    client: Client, own_receiver: type[Upstream]
) -> None:
    own_receiver.statuses[:] = [500]
    created = client.start()
    deadline = time.monotonic() + 60
    while not arrived(own_receiver, created):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    own_receiver.statuses[:] = [204]
    seen = client.outcome(created["id"])
    attempts = [(attempt["status"], attempt["answer"]) for attempt in seen["delivery"]["log"]]
    assert attempts == [(500, "thanks"), (204, None)]
    assert len(arrived(own_receiver, seen)) == 2
