"""Every route through `serve`: ids, paths, parameters, bodies, and what is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liveproof.api.http import Request, Response
from liveproof.api.routes import ROUTES, serve
from tests.support.deployment import API_KEY, Deployment
from tests.support.routes import GET, LIST, RENEW, RESEND, ask, decided, document, problem, wanted


@pytest.mark.parametrize("text", ["", "x", "quota#reflect", "idempotency#x", "../x", "ver_1"])
@pytest.mark.parametrize("route", [RENEW, GET, RESEND])
def test_a_malformed_id_is_not_looked_up(deployment: Deployment, route: str, text: str) -> None:
    deployment.crash_points.arm()
    problem(ask(deployment, route, verification_id=text), "not_found")

    assert "before records.load" not in deployment.crash_points.moments


def test_a_function_serves_its_own_routes_only(deployment: Deployment) -> None:
    method, _, path = LIST.partition(" ")
    request = Request(method, path, {}, {"authorization": f"Bearer {API_KEY}"}, b"")

    problem(serve(deployment.dependencies, "resend_result", request), "not_found")
    assert serve(deployment.dependencies, "api", request).status == 200
    problem(ask(deployment, "GET /v1/other"), "not_found")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("text", ["\udcff", "\xff", "\x00", "\ud83d\ude00", "a\nb", "%ff"])
def test_no_byte_anywhere_in_a_request_is_a_fault_of_ours(
    deployment: Deployment, route: str, text: str
) -> None:
    entry = deployment.create()
    queries: list[dict[str, Any]] = [{text: text}, *({name: text} for name in ROUTES[route].query)]
    odd: list[Response] = [
        *(ask(deployment, route, verification_id=entry.id, **query) for query in queries),
        ask(deployment, route, verification_id=text),
        ask(deployment, route, verification_id=entry.id, headers={text: text, "x-other": text}),
        ask(
            deployment, route, verification_id=entry.id, body=text.encode("utf-8", "surrogatepass")
        ),
        ask(deployment, f"{route}{text}", verification_id=entry.id),
    ]

    assert [response.status for response in odd if response.status >= 500] == []
    for response in odd:
        json.loads(response.body)


def test_renewing_answers_with_new_urls_for_what_is_missing(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    response = ask(deployment, RENEW, verification_id=entry.id)

    assert response.status == 200
    assert set(document(response)["uploads"]) == {"live_data"}


def test_nothing_is_renewed_or_sent_again_in_the_wrong_state(deployment: Deployment) -> None:
    done = decided(deployment)
    waiting = deployment.create()

    problem(ask(deployment, RENEW, verification_id=done.id), "not_allowed_now")
    problem(ask(deployment, RESEND, verification_id=waiting.id), "not_allowed_now")


def test_sending_again_is_accepted(deployment: Deployment) -> None:
    response = ask(deployment, RESEND, verification_id=decided(deployment).id)

    assert response.status == 202
    assert document(response)["delivery"]["number"] == 2


def test_a_waiting_verification_tells_the_state_of_its_inputs(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    shown = document(ask(deployment, GET, verification_id=entry.id))

    assert shown["inputs"]["image"]["state"] == "proven"
    assert shown["inputs"]["live_data"]["state"] == "missing"
    assert (shown["decision"], shown["reason"], shown["delivery"]) == (None, None, None)
    assert shown["calls"] == []


def test_a_decided_verification_shows_the_fields_of_its_webhook(deployment: Deployment) -> None:
    entry = decided(deployment)
    shown = document(ask(deployment, GET, verification_id=entry.id))
    webhook = json.loads(deployment.endpoint.delivered[0].body)["data"]

    assert {name: shown[name] for name in webhook} == webhook
    assert shown["delivery"]["state"] == "delivered"
    assert [call["outcome"] for call in shown["calls"]] == ["answered"]


def test_no_answer_but_the_uploads_holds_a_url_or_a_key(deployment: Deployment) -> None:
    entry = decided(deployment)
    for response in (
        ask(deployment, GET, verification_id=entry.id),
        ask(deployment, LIST),
    ):
        assert b"signature" not in response.body
        assert b"uploads/" not in response.body


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "name", ["references", "client", "Status", "limit ", "cursor[]", "", "\udcff"]
)
def test_an_unknown_query_parameter_is_refused_by_its_name(
    deployment: Deployment, route: str, name: str
) -> None:
    """`?reference=` of a client that looked for its own id was once answered with everything."""
    entry = deployment.create()
    before = deployment.records.all()
    query: dict[str, Any] = {name: "x"}
    body = wanted() if ROUTES[route].request else None
    response = ask(deployment, route, verification_id=entry.id, body=body, **query)
    refusal = problem(response, "invalid_request")

    assert refusal["field"] == name.replace("\udcff", "?")
    assert all(parameter in refusal["detail"] for parameter in ROUTES[route].query)
    assert deployment.records.all() == before


@pytest.mark.parametrize("route", [RENEW, LIST, GET, RESEND])
def test_a_route_without_a_body_refuses_what_it_would_ignore(
    deployment: Deployment, route: str
) -> None:
    entry = decided(deployment)
    before = deployment.load(entry.id)
    refusal = problem(
        ask(deployment, route, verification_id=entry.id, body=b'{"inputs": ["image"]}'),
        "invalid_request",
    )

    assert refusal["field"] == "inputs"
    assert deployment.load(entry.id) == before
    problem(
        ask(deployment, route, verification_id=entry.id, body=b"x" * 65_537), "request_too_large"
    )


@pytest.mark.parametrize("body", [b"", b"{}", b" {} "])
def test_an_empty_body_is_as_good_as_none(deployment: Deployment, body: bytes) -> None:
    assert ask(deployment, RENEW, verification_id=deployment.create().id, body=body).status == 200


@pytest.mark.parametrize("path", ["/v1/verifications/", "/v1/reflect-sequences/", "/", "//"])
def test_a_path_with_a_slash_at_its_end_is_no_route_and_says_so(
    deployment: Deployment, path: str
) -> None:
    for method in ("GET", "POST"):
        assert "slash" in problem(ask(deployment, f"{method} {path}"), "not_found")["detail"]


@pytest.mark.parametrize("route", [RENEW, GET, RESEND])
def test_an_id_with_a_slash_at_its_end_is_no_route(deployment: Deployment, route: str) -> None:
    entry = decided(deployment)
    without_slash = ask(deployment, route, verification_id=entry.id)
    with_slash = ask(deployment, f"{route}/", verification_id=entry.id)

    assert without_slash.status != 404
    assert "slash" in problem(with_slash, "not_found")["detail"]


def test_renewing_after_the_expiry_says_that_it_expired(deployment: Deployment) -> None:
    """It said "it is awaiting_upload or has expired"."""
    entry = deployment.create(expires_in=30)
    deployment.clock.advance(30_000)
    before = problem(ask(deployment, RENEW, verification_id=entry.id), "not_allowed_now")["detail"]
    deployment.settle()
    after = problem(ask(deployment, RENEW, verification_id=entry.id), "not_allowed_now")["detail"]

    assert before == after
    assert before.startswith("it expired at 2026-11-18T11:07:10.000Z")
    other = decided(deployment)
    detail = problem(ask(deployment, RENEW, verification_id=other.id), "not_allowed_now")["detail"]
    assert "it is decided" in detail
    assert "expired" not in detail
