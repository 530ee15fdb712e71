"""Every route through `serve`: authentication, answers, problem documents."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest

from liveproof.api.http import MAX_BODY_BYTES, Request, Response
from liveproof.api.routes import ROUTES, Public, serve
from liveproof.domain.ids import new_verification_id
from liveproof.domain.states import Status
from tests.support.deployment import API_KEY, CLIENT, Deployment, declared, secret_values
from tests.support.routes import ask, decided, document, problem

OTHER_KEY = "lp_other_key"
CREATE = "POST /v1/verifications"
RENEW = "POST /v1/verifications/{id}/uploads"
LIST = "GET /v1/verifications"
GET = "GET /v1/verifications/{id}"
RESEND = "POST /v1/verifications/{id}/deliveries"
WITH_KEY = [key for key, route in ROUTES.items() if not isinstance(route.operation, Public)]


@pytest.fixture(autouse=True)
def other_client(deployment: Deployment) -> None:
    other = {"keys_sha256": [hashlib.sha256(OTHER_KEY.encode()).hexdigest()]}
    deployment.secrets.values.update(secret_values(other=other))


def wanted(**changes: Any) -> dict[str, Any]:
    inputs = {name: msgspec.to_builtins(entry) for name, entry in declared().items()}
    return {"check": "reflect", "inputs": inputs, **changes}


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


def test_creating_answers_with_what_to_upload_where(deployment: Deployment) -> None:
    response = ask(deployment, CREATE, body=wanted(reference="order-7"))
    created = document(response)

    assert response.status == 201
    assert set(created) == {"id", "status", "check", "region", "expires_at", "uploads"}
    assert (created["status"], created["check"], created["region"]) == (
        "awaiting_upload",
        "reflect",
        "ap-singapore",
    )
    assert created["expires_at"] == "2026-11-18T11:21:40.000Z"
    image = created["uploads"]["image"]
    assert set(image) == {"method", "url", "headers", "expires_at"}
    assert set(image["headers"]) == {
        "Content-MD5",
        "Content-Length",
        "Content-Type",
        "If-None-Match",
    }


def test_a_refused_body_names_its_field(deployment: Deployment) -> None:
    refusal = problem(ask(deployment, CREATE, body=wanted(expires_in=1)), "invalid_request")

    assert refusal["field"] == "expires_in"
    assert "30" in refusal["detail"]


def test_a_body_may_have_64_kib(deployment: Deployment) -> None:
    small = json.dumps(wanted()).encode()
    fits = small + b" " * (MAX_BODY_BYTES - len(small))

    assert ask(deployment, CREATE, body=fits).status == 201
    refusal = problem(ask(deployment, CREATE, body=fits + b" "), "request_too_large")
    assert str(MAX_BODY_BYTES) in refusal["detail"]
    problem(ask(deployment, CREATE), "invalid_request")


def test_an_idempotency_key_leads_to_the_same_verification_or_a_refusal(
    deployment: Deployment,
) -> None:
    headers = {"idempotency-key": "k" * 255}
    first = document(ask(deployment, CREATE, body=wanted(), headers=headers))
    second = document(ask(deployment, CREATE, body=wanted(), headers=headers))
    other = ask(deployment, CREATE, body=wanted(reference="x"), headers=headers)

    assert first["id"] == second["id"]
    assert problem(other, "idempotency_key_reused")["field"] == "Idempotency-Key"


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_has_1_to_255_characters(deployment: Deployment, key: str) -> None:
    response = ask(deployment, CREATE, body=wanted(), headers={"idempotency-key": key})

    assert problem(response, "invalid_request")["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "key", ["\xe9", "\udce9", "\ud83d\ude00", "a\tb", "a\nb", "\x7f", "\uff11"]
)
def test_an_idempotency_key_that_no_two_clouds_would_read_alike_is_refused(
    deployment: Deployment, key: str
) -> None:
    """A byte above 127 was a 500 where it came as a lone surrogate."""
    response = ask(deployment, CREATE, body=wanted(), headers={"idempotency-key": key})

    assert "ASCII" in problem(response, "invalid_request")["detail"]
    assert deployment.records.all() == []
    fine = ask(deployment, CREATE, body=wanted(), headers={"idempotency-key": "order 7 / ~!"})
    assert fine.status == 201


def test_a_create_whose_key_is_in_use_at_this_moment_is_not_allowed_now(
    deployment: Deployment,
) -> None:
    deployment.records.conflicts_to_come = 1
    headers = {"idempotency-key": "k"}
    response = ask(deployment, CREATE, body=wanted(), headers=headers)

    assert problem(response, "not_allowed_now")["field"] == "Idempotency-Key"
    assert ask(deployment, CREATE, body=wanted(), headers=headers).status == 201


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


# -- lists ------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("name", ROUTES[LIST].query)
def test_a_query_parameter_that_comes_twice_is_refused(deployment: Deployment, name: str) -> None:
    query: dict[str, Any] = {name: ["1", "1"]}
    refusal = problem(ask(deployment, LIST, **query), "invalid_request")

    assert (refusal["field"], "once" in refusal["detail"]) == (name, True)


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


@pytest.mark.parametrize(
    ("md5", "message"),
    [
        (
            "1B2M2Y8AsgTpgAmY7PhCfg==",
            "base64: in hexadecimal it is d41d8cd98f00b204e9800998ecf8427e",
        ),
        ("1B2M2Y8AsgTpgAmY7PhCfg", "base64: in hexadecimal it is d41d8cd98f00b204e9800998ecf8427e"),
        ("0" * 31, "this has 31"),
        ("0" * 33, "this has 33"),
        ("", "this has 0"),
        ("0" * 39, "this has 39"),
        ("0" * 40, "this has 40, as a SHA-1 has"),
        ("0" * 64, "this has 64, as a SHA-256 has"),
        ("0" * 128, "this has 128, as a SHA-512 has"),
        ('"' + "0" * 32 + '"', "34 characters, others among them"),
        ("0" * 32 + "\n", "33 characters, others among them"),
    ],
)
def test_the_usual_mistakes_in_an_md5_are_named(
    deployment: Deployment, md5: str, message: str
) -> None:
    body = wanted()
    body["inputs"]["image"]["md5"] = md5
    refusal = problem(ask(deployment, CREATE, body=body), "invalid_request")

    assert refusal["field"] == "inputs.image.md5"
    assert refusal["detail"].startswith("an MD5 is 32 hexadecimal digits")
    assert message in refusal["detail"]


def test_an_md5_may_have_capital_letters_and_a_wrong_type_is_named(
    deployment: Deployment,
) -> None:
    body = wanted()
    body["inputs"]["image"]["md5"] = body["inputs"]["image"]["md5"].upper()
    assert ask(deployment, CREATE, body=body).status == 201
    body["inputs"]["image"]["md5"] = 5
    assert "`str`" in problem(ask(deployment, CREATE, body=body), "invalid_request")["detail"]


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


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        (CREATE, b'{"check": "photo", "check": "reflect", "inputs": {}}', "check"),
        (CREATE, b'{"check": "photo", "inputs": {}, "metadata": {"a": "1", "a": "2"}}', "a"),
        (CREATE, b'{"check": "photo", "inputs": {"image": {"size": 1, "content_type": "image/png", '
         b'"md5": "%b", "md5": "%b"}}}' % (b"0" * 32, b"1" * 32), "md5"),
        ("POST /v1/deliveries", b'{"since": "2026-01-01T00:00:00Z", "dry_run": true, '
         b'"dry_run": false}', "dry_run"),
    ],
)  # fmt: skip
def test_a_name_that_is_there_twice_is_refused(
    deployment: Deployment, route: str, body: bytes, field: str
) -> None:
    """A proxy may read the first value and liveproof the last."""
    refusal = problem(ask(deployment, route, body=body), "invalid_request")

    assert (refusal["field"], refusal["detail"]) == (field, "is there twice")
    assert deployment.records.all() == []


def test_a_name_as_long_as_the_body_is_cut_in_the_answer(deployment: Deployment) -> None:
    body = json.dumps({"x" * 60_000: 1}).encode()
    response = ask(deployment, CREATE, body=body)

    assert problem(response, "invalid_request")["field"].startswith("xxx")
    assert len(response.body) < 1_000


def test_unreadable_api_keys_are_a_problem_of_this_side_and_show_nothing(
    deployment: Deployment,
) -> None:
    deployment.secrets.values["api-keys"] = b'{"clients": {"shop": {"keys_sha256": ["canary"]}}}'
    response = ask(deployment, LIST)

    problem(response, "not_configured")
    assert b"canary" not in response.body
    assert CLIENT.encode() not in response.body
