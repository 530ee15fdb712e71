"""GET /v1/verifications: pages and filters."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.api.http import Response
from liveproof.api.routes import ROUTES
from liveproof.domain.states import Status
from tests.support.deployment import Deployment
from tests.support.routes import LIST, OTHER_KEY, add_other_client, ask, decided, document, problem


@pytest.fixture(autouse=True)
def other_client(deployment: Deployment) -> None:
    add_other_client(deployment)


def ids(response: Response) -> list[str]:
    assert response.status == 200
    return [entry["id"] for entry in document(response)["verifications"]]


def test_a_list_is_the_clients_own_newest_first_in_pages(deployment: Deployment) -> None:
    made = []
    for _ in range(5):
        made.append(deployment.create().id)
        deployment.clock.advance(5)
    newest_first = made[::-1]

    first = ask(deployment, LIST, limit="2")
    second = ask(deployment, LIST, limit="2", cursor=document(first)["next_cursor"])
    third = ask(deployment, LIST, limit="2", cursor=document(second)["next_cursor"])

    assert ids(first) + ids(second) + ids(third) == newest_first
    assert document(third)["next_cursor"] is None
    assert ids(ask(deployment, LIST)) == newest_first
    assert ids(ask(deployment, LIST, key=OTHER_KEY)) == []


def test_a_list_can_be_of_one_status(deployment: Deployment) -> None:
    done = decided(deployment)
    waiting = deployment.create()

    assert ids(ask(deployment, LIST, status="decided")) == [done.id]
    assert ids(ask(deployment, LIST, status="awaiting_upload")) == [waiting.id]
    assert ids(ask(deployment, LIST, status="held")) == []


def test_a_list_can_be_of_a_reference_a_decision_and_a_state_of_the_delivery(
    deployment: Deployment,
) -> None:
    waiting = deployment.create(reference="order 7")
    deployment.clock.advance(1_000)
    done = deployment.run_check(deployment.ready(reference="order 8"))

    assert ids(ask(deployment, LIST, reference="order 7")) == [waiting.id]
    assert ids(ask(deployment, LIST, reference="order")) == []
    assert ids(ask(deployment, LIST, decision="passed")) == [done.id]
    assert ids(ask(deployment, LIST, decision="passed", reference="order 7")) == []
    assert ids(ask(deployment, LIST, delivery="pending")) == [done.id]
    deployment.deliver(done)
    assert ids(ask(deployment, LIST, delivery="pending")) == []
    assert ids(ask(deployment, LIST, delivery="delivered", reference="order 8")) == [done.id]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("status", "done", ", ".join(status.value for status in Status)),
        ("status", "", "awaiting_upload"),
        ("decision", "yes", "passed, rejected"),
        ("delivery", "lost", "pending, delivered, exhausted"),
        ("reference", "x" * 201, "200 characters"),
        ("limit", "0", "1 to 100"),
        ("limit", "101", "1 to 100"),
        ("limit", "-1", "1 to 100"),
        ("limit", "", "1 to 100"),
        ("limit", "ten", "1 to 100"),
        ("limit", "1.0", "1 to 100"),
        ("limit", "٣", "1 to 100"),
        ("limit", "9" * 5000, "1 to 100"),
        ("cursor", "", "cursor"),
        ("cursor", "quota#reflect", "cursor"),
    ],
)
def test_an_invalid_query_is_refused_with_its_limits(
    deployment: Deployment, name: str, value: str, says: str
) -> None:
    query: dict[str, Any] = {name: value}
    refusal = problem(ask(deployment, LIST, **query), "invalid_request")

    assert refusal["field"] == name
    assert says in refusal["detail"]


@pytest.mark.parametrize("name", ROUTES[LIST].query)
def test_a_query_parameter_that_comes_twice_is_refused(deployment: Deployment, name: str) -> None:
    query: dict[str, Any] = {name: ["1", "1"]}
    refusal = problem(ask(deployment, LIST, **query), "invalid_request")

    assert (refusal["field"], "once" in refusal["detail"]) == (name, True)
