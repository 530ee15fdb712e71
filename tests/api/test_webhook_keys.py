"""The public keys of webhooks: for everybody, without a client's name, while they sign."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liveproof.api.http import Request, Response
from liveproof.api.routes import serve
from liveproof.clock import iso
from tests.support.deployment import WEBHOOK_SECRET, Deployment

PATH = "/.well-known/liveproof/webhook-keys.json"
SEEDS = tuple(bytes([number]) * 32 for number in (1, 2, 3))


def private(seed: bytes) -> str:
    return "whsk_" + base64.b64encode(seed).decode()


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def put(deployment: Deployment, **secrets: list[Any]) -> None:
    endpoints = {
        name: {"url": "https://shop.example/hooks", "secrets": entries}
        for name, entries in secrets.items()
    }
    deployment.secrets.values["webhooks"] = json.dumps({"endpoints": endpoints}).encode()


def ask(deployment: Deployment, *, function: str = "webhooks", **query: list[str]) -> Response:
    return serve(deployment.dependencies, function, Request("GET", PATH, query, {}, b""))


def keys(deployment: Deployment) -> list[dict[str, Any]]:
    response = ask(deployment)
    assert response.status == 200, response.body
    listed: list[dict[str, Any]] = json.loads(response.body)["keys"]
    return listed


def test_it_lists_each_public_key_with_its_id_and_its_end(deployment: Deployment) -> None:
    until = deployment.clock.now() + 60_000
    put(
        deployment,
        shop=[WEBHOOK_SECRET, private(SEEDS[0])],
        bank=[{"secret": private(SEEDS[1]), "not_after": iso(until)}],
    )

    expected = [
        {
            "id": hashlib.sha256(public(seed)).hexdigest()[:16],
            "public_key": "whpk_" + base64.b64encode(public(seed)).decode(),
            "not_after": end,
        }
        for seed, end in ((SEEDS[0], None), (SEEDS[1], iso(until)))
    ]
    assert keys(deployment) == sorted(expected, key=lambda key: str(key["id"]))


def test_it_needs_no_api_key_and_may_be_kept_for_a_while(deployment: Deployment) -> None:
    put(deployment, shop=[WEBHOOK_SECRET])
    response = ask(deployment)

    assert (response.status, json.loads(response.body)) == (200, {"keys": [], "evidence_keys": []})
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Content-Type"] == "application/json"


def test_it_shows_no_secret_and_no_client(deployment: Deployment) -> None:
    put(deployment, shopkeeper=[WEBHOOK_SECRET, private(SEEDS[0])])
    text = ask(deployment).body.decode()

    for hidden in ("shopkeeper", "shop.example", private(SEEDS[0])[5:], WEBHOOK_SECRET[6:]):
        assert hidden not in text


def test_a_key_is_gone_after_its_last_second(deployment: Deployment) -> None:
    until = deployment.clock.now() + 60_000
    put(deployment, shop=[{"secret": private(SEEDS[0]), "not_after": iso(until)}])

    deployment.clock.advance(60_000)
    assert len(keys(deployment)) == 1
    deployment.clock.advance(1)
    assert keys(deployment) == []


def test_a_key_of_two_clients_is_there_once_and_until_the_later_end(deployment: Deployment) -> None:
    now = deployment.clock.now()
    dated = [
        {"secret": private(seed), "not_after": iso(now + seconds * 1000)}
        for seed, seconds in ((SEEDS[0], 60), (SEEDS[0], 90), (SEEDS[1], 60))
    ]
    put(deployment, a=dated[:1], b=[dated[1], private(SEEDS[1])], c=dated[2:])

    ends = {key["public_key"]: key["not_after"] for key in keys(deployment)}
    assert len(ends) == len(keys(deployment)) == 2
    assert set(ends.values()) == {iso(now + 90_000), None}


def test_it_takes_no_query_parameter_and_says_when_the_secret_is_wrong(
    deployment: Deployment,
) -> None:
    assert ask(deployment, client=["shop"]).status == 400
    deployment.secrets.values["webhooks"] = b"{}"
    response = ask(deployment)

    assert (response.status, json.loads(response.body)["code"]) == (503, "not_configured")
    assert response.headers["Cache-Control"] == "no-store"


def test_api_hands_the_route_on_and_reads_no_signing_key(deployment: Deployment) -> None:
    deployment.secrets.values.pop("webhooks")
    reads = []

    def forward(function: str) -> Response:
        reads.append(function)
        return Response(200, b"{}", {})

    request = Request("GET", PATH, {}, {}, b"")
    assert serve(deployment.dependencies, "api", request, forward).body == b"{}"
    assert reads == ["webhooks"]
