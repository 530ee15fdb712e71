"""POST /v1/verifications: the body, its mistakes, and the idempotency key."""

from __future__ import annotations

import json

import pytest

from liveproof.api.http import MAX_BODY_BYTES
from tests.support.deployment import Deployment
from tests.support.routes import CREATE, ask, document, problem, wanted


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
