"""Webhooks that go on to the user's own receiver, as `make local ARGS="--webhook URL"` has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.client import Client
from tests.support.upstream import Upstream, upstream
from tools.webhooks.forwarding import target_of


@pytest.fixture
def own_receiver(client: Client) -> Iterator[type[Upstream]]:
    """A receiver behind the local one, for the time of a test."""
    endpoint = client.cloud.receiver.endpoints["/webhooks"]
    with upstream(204) as (url, own):
        endpoint.target = target_of(url)
        try:
            yield own
        finally:
            endpoint.target = None


def test_the_webhook_reaches_it_unchanged_and_is_listed_as_well(
    client: Client, own_receiver: type[Upstream]
) -> None:
    seen = client.outcome(client.start(reference="Zo\u00eb")["id"])
    (kept,) = client.cloud.receiver.of(seen["id"])
    assert kept.verified
    ((path, headers, body),) = own_receiver.requests
    assert path == "/own/hook?a=1"
    assert body.decode() == kept.body
    lower = {name.lower(): value for name, value in headers}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature", "user-agent"):
        assert lower[name] == kept.headers[name]


def test_its_refusal_is_the_answer_and_the_webhook_comes_again(
    client: Client, own_receiver: type[Upstream]
) -> None:
    own_receiver.statuses[:] = [500, 204]
    seen = client.outcome(client.start()["id"])
    assert seen["delivery"]["attempts"] == 2
    assert len(own_receiver.requests) == 2
