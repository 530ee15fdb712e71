"""Who may ask: API keys, and what they show of other clients."""

from __future__ import annotations

import pytest

from liveproof.api.routes import ROUTES, Public
from liveproof.domain.ids import new_verification_id
from tests.support.deployment import API_KEY, CLIENT, Deployment
from tests.support.routes import (
    GET,
    LIST,
    OTHER_KEY,
    RENEW,
    RESEND,
    add_other_client,
    ask,
    decided,
    problem,
    wanted,
)

WITH_KEY = [key for key, route in ROUTES.items() if not isinstance(route.operation, Public)]


@pytest.fixture(autouse=True)
def other_client(deployment: Deployment) -> None:
    add_other_client(deployment)


@pytest.mark.parametrize("route", WITH_KEY)
@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer ", "Basic bHA6", API_KEY, f"Bearer {API_KEY}x"),
        *("Bearer \xff", f"Basic {API_KEY}"),
    ],
)
def test_no_route_but_a_public_one_answers_without_a_known_api_key(
    deployment: Deployment, route: str, header: str | None
) -> None:
    entry = deployment.create()
    headers = {} if header is None else {"authorization": header}
    response = ask(
        deployment, route, key=None, headers=headers, verification_id=entry.id, body=wanted()
    )

    document_got = problem(response, "unauthorized")
    assert document_got["field"] == "Authorization"
    assert API_KEY not in response.body.decode()
    assert len(deployment.records.all()) == 1


def test_the_scheme_may_be_written_in_any_case(deployment: Deployment) -> None:
    headers = {"authorization": f"bEaReR {API_KEY}"}

    assert ask(deployment, LIST, key=None, headers=headers).status == 200


@pytest.mark.parametrize("route", WITH_KEY)
@pytest.mark.parametrize(
    "key", ["\xe9", "\udce9", "k\udcff\udcfe", "\ud83d\ude00", "a b", "\x00", "é" * 9]
)
def test_a_key_with_bytes_that_are_no_text_is_unknown_on_every_route(
    deployment: Deployment, route: str, key: str
) -> None:
    headers = {"authorization": f"Bearer {key}"}
    response = ask(deployment, route, key=None, headers=headers, verification_id="ver_1")

    assert problem(response, "unauthorized")["field"] == "Authorization"


@pytest.mark.parametrize("route", [RENEW, GET, RESEND])
def test_another_clients_verification_is_as_good_as_missing(
    deployment: Deployment, route: str
) -> None:
    entry = decided(deployment)
    before = deployment.load(entry.id)
    foreign = ask(deployment, route, verification_id=entry.id, key=OTHER_KEY)
    missing = ask(deployment, route, verification_id=new_verification_id(1), key=OTHER_KEY)

    problem(foreign, "not_found")
    assert foreign.body == missing.body
    assert deployment.load(entry.id) == before


def test_unreadable_api_keys_are_a_problem_of_this_side_and_show_nothing(
    deployment: Deployment,
) -> None:
    deployment.secrets.values["api-keys"] = b'{"clients": {"shop": {"keys_sha256": ["canary"]}}}'
    response = ask(deployment, LIST)

    problem(response, "not_configured")
    assert b"canary" not in response.body
    assert CLIENT.encode() not in response.body
