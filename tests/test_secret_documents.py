"""The operator's documents: what the docs show is read, an invalid one is refused by name."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liveproof import facts, observability
from liveproof.api.http import Request
from liveproof.api.routes import serve
from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.observability import Metric
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import (
    ApiKeys,
    SecretDocument,
    SenseIdKey,
    VendorKey,
    Webhooks,
    read_document,
    read_secret,
)
from tests.support.deployment import API_KEY, CLIENT, WEBHOOK_SECRET, Deployment
from tests.support.memory import MemorySecrets

DIGEST, OTHER = "a" * 64, "b" * 64
LONG = "lp_" + "k" * 43
"""As long as an API key: never shown, wherever it stands."""


def keys(**client: Any) -> dict[str, Any]:
    return {"clients": {"shop": {"keys_sha256": [DIGEST], **client}}}


def hooks(**endpoint: Any) -> dict[str, Any]:
    good = {"url": "https://shop.example/hooks", "secrets": [WEBHOOK_SECRET]}
    return {"endpoints": {"shop": {**good, **endpoint}}}


def secret_of(size: int) -> str:
    return "whsec_" + base64.b64encode(b"k" * size).decode()


SEED = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
PRIVATE = "whsk_" + base64.b64encode(SEED).decode()
PRIVATE_64 = "whsk_" + base64.b64encode(SEED + PUBLIC).decode()
WRONG_64 = "whsk_" + base64.b64encode(SEED + SEED).decode()


def dated(secret: str = WEBHOOK_SECRET, **changes: Any) -> dict[str, Any]:
    return {"secret": secret, "not_after": "2026-12-31T00:00:00Z", **changes}


VENDOR = {"secret_id": "AKIDx", "secret_key": "y"}
SENSEID = {"key": "0123456789abcdef0123456789abcdef", "iv": "0123456789ab"}
LOGIN = {"user": "u", "password": "p"}


def read(document: object, kind: type[SecretDocument]) -> SecretDocument:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_document(raw, kind)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (keys(), ApiKeys),
        (keys(thresholds={"reflect": 70}), ApiKeys),
        (keys(thresholds={"silent": 1, "photo": 100, "video": 0}), ApiKeys),
        (keys(threshold_floors={"reflect": 60, "silent": 0.5}), ApiKeys),
        (keys(threshold_floors={"reflect": 60}, thresholds={"reflect": 60}), ApiKeys),
        (keys(keys_sha256=[DIGEST, OTHER]), ApiKeys),
        ({"clients": {}}, ApiKeys),
        ({"clients": {"Shop of Zoë, 2": {"keys_sha256": [DIGEST]}}}, ApiKeys),
        (hooks(), Webhooks),
        (hooks(url="http://127.0.0.1:8000/hook?x=1"), Webhooks),
        (hooks(url="https://[2001:db8::1]:8443/hook"), Webhooks),
        (hooks(url="https://b\u00fccher.example/h\u00f6ren?x=\u00e9"), Webhooks),
        (hooks(secrets=[secret_of(24), secret_of(64)]), Webhooks),
        (hooks(secrets=[PRIVATE, dated()]), Webhooks),
        (hooks(secrets=[PRIVATE_64]), Webhooks),
        (hooks(secrets=[dated(not_after="2026-12-31T00:00:00.5+08:00")]), Webhooks),
        (hooks(secrets=[secret_of(size) for size in range(24, 34)]), Webhooks),
        ({"clients": {"n" * 255: {"keys_sha256": [DIGEST]}}}, ApiKeys),
        ({"endpoints": {}}, Webhooks),
        (VENDOR, VendorKey),
        ({**VENDOR, "token": "t"}, VendorKey),
        ({**VENDOR, "token": None}, VendorKey),
        (SENSEID, SenseIdKey),
        (LOGIN, DatabaseLogin),
        ({**LOGIN, "ca": "-----BEGIN CERTIFICATE-----\n"}, DatabaseLogin),
    ],
)
def test_a_valid_document_is_read(document: object, kind: type[SecretDocument]) -> None:
    assert isinstance(read(document, kind), kind)


@pytest.mark.parametrize(
    ("document", "kind", "message"),
    [
        (keys(treshold={"photo": 90}), ApiKeys, "clients.shop.treshold: there is no such field"),
        (keys(thresholds={"phto": 90}), ApiKeys, "clients.shop.thresholds.phto: there is no such"),
        (
            keys(thresholds={"silent": 70}),
            ApiKeys,
            "clients.shop.thresholds.silent: may be at most 1",
        ),
        (
            keys(thresholds={"photo": 101}),
            ApiKeys,
            "clients.shop.thresholds.photo: may be at most 100",
        ),
        (
            keys(thresholds={"photo": -1}),
            ApiKeys,
            "clients.shop.thresholds.photo: Expected `float` >=",
        ),
        (
            keys(thresholds={"photo": "90"}),
            ApiKeys,
            "clients.shop.thresholds.photo: Expected `float`",
        ),
        (keys(thresholds=[90]), ApiKeys, "clients.shop.thresholds: Expected `object`"),
        (keys(thresholds=None), ApiKeys, "clients.shop.thresholds: Expected `object`"),
        (keys(thresholds={"photo": None}), ApiKeys, "clients.shop.thresholds.photo: Expected"),
        (keys(thresholds={"photo": True}), ApiKeys, "clients.shop.thresholds.photo: Expected"),
        (keys(thresholds={"photo": float("nan")}), ApiKeys, "is not JSON"),
        (keys(thresholds={"photo": float("inf")}), ApiKeys, "is not JSON"),
        (
            json.dumps(keys(thresholds={"photo": 7})).replace("7", "1e999").encode(),
            ApiKeys,
            "clients.shop.thresholds.photo: Number out of range",
        ),
        (
            keys(threshold_floors={"phto": 90}),
            ApiKeys,
            "clients.shop.threshold_floors.phto: there is no such check",
        ),
        (
            keys(threshold_floors={"silent": 70}),
            ApiKeys,
            "clients.shop.threshold_floors.silent: may be at most 1",
        ),
        (
            keys(threshold_floors={"photo": 90}, thresholds={"photo": 80}),
            ApiKeys,
            "clients.shop.thresholds.photo: is below the client's own floor",
        ),
        ({"clients": {"shop": {}}}, ApiKeys, "clients.shop.keys_sha256: is missing"),
        ({"clients": {"shop": None}}, ApiKeys, "clients.shop: Expected `object`"),
        ({"clients": []}, ApiKeys, "clients: Expected `object`"),
        (
            keys(keys_sha256=[]),
            ApiKeys,
            "clients.shop.keys_sha256: Expected `array` of length >= 1",
        ),
        (
            keys(keys_sha256=[DIGEST, "canary"]),
            ApiKeys,
            "clients.shop.keys_sha256[1]: Expected `str`",
        ),
        (keys(keys_sha256=[DIGEST + "\n"]), ApiKeys, "clients.shop.keys_sha256[0]: Expected `str`"),
        (
            keys(keys_sha256=[DIGEST.upper()]),
            ApiKeys,
            "clients.shop.keys_sha256[0]: Expected `str`",
        ),
        (keys(keys_sha256=DIGEST), ApiKeys, "clients.shop.keys_sha256: Expected `array`"),
        (
            keys(keys_sha256=[hashlib.sha256(b"").hexdigest()]),
            ApiKeys,
            "clients.shop.keys_sha256[0]: is the digest of no key",
        ),
        (
            {"clients": {"a": {"keys_sha256": [DIGEST]}, "b": {"keys_sha256": [OTHER, DIGEST]}}},
            ApiKeys,
            "clients.b.keys_sha256[1]: is another client's key as well",
        ),
        ({"clients": {"": {"keys_sha256": [DIGEST]}}}, ApiKeys, "clients: a client has no name"),
        ({"client": {}}, ApiKeys, "client: there is no such field; there is clients"),
        ({}, ApiKeys, "clients: is missing"),
        (hooks(secret=["x"]), Webhooks, "endpoints.shop.secret: there is no such field"),
        (hooks(secrets=["canary"]), Webhooks, "endpoints.shop.secrets[0]: a webhook secret begins"),
        (
            hooks(secrets=[WEBHOOK_SECRET, secret_of(23)]),
            Webhooks,
            "shop.secrets[1]: a webhook secret",
        ),
        (
            hooks(secrets=[secret_of(65)]),
            Webhooks,
            "endpoints.shop.secrets[0]: a webhook secret must",
        ),
        (
            hooks(secrets=["whsec_canary*"]),
            Webhooks,
            "endpoints.shop.secrets[0]: a webhook secret is",
        ),
        (hooks(secrets=[WEBHOOK_SECRET + "\n"]), Webhooks, "endpoints.shop.secrets[0]: a webhook"),
        (
            hooks(secrets=[PRIVATE + "A"]),
            Webhooks,
            "endpoints.shop.secrets[0]: a webhook secret is",
        ),
        (hooks(secrets=[WRONG_64]), Webhooks, "endpoints.shop.secrets[0]: the second half"),
        (
            hooks(secrets=["whsk_" + base64.b64encode(SEED[1:]).decode()]),
            Webhooks,
            "endpoints.shop.secrets[0]: a private key must hold 32 bytes, or 64",
        ),
        (
            hooks(secrets=["whpk_" + base64.b64encode(PUBLIC).decode()]),
            Webhooks,
            "endpoints.shop.secrets[0]: a webhook secret begins with whsec_ or whsk_",
        ),
        (
            hooks(secrets=[PRIVATE, dated(PRIVATE_64)]),
            Webhooks,
            "endpoints.shop.secrets[1]: is in the list twice",
        ),
        (
            hooks(secrets=[secret_of(size) for size in range(24, 35)]),
            Webhooks,
            "endpoints.shop.secrets: Expected `array` of length <= 10",
        ),
        (
            hooks(secrets=[WEBHOOK_SECRET, dated("canary")]),
            Webhooks,
            "endpoints.shop.secrets[1].secret: a webhook secret begins",
        ),
        (
            hooks(secrets=[dated(until="canary")]),
            Webhooks,
            "endpoints.shop.secrets[0].until: there is no such field; there is secret, not_after",
        ),
        (
            hooks(secrets=[{"secret": WEBHOOK_SECRET}]),
            Webhooks,
            "endpoints.shop.secrets[0].not_after: is missing",
        ),
        (
            hooks(secrets=[dated(not_after=None)]),
            Webhooks,
            "endpoints.shop.secrets[0].not_after: Expected `datetime`",
        ),
        # A time of day without a zone is one of many moments.
        (
            hooks(secrets=[dated(not_after="2026-12-31T00:00:00")]),
            Webhooks,
            "endpoints.shop.secrets[0].not_after: Expected `datetime` with",
        ),
        (
            hooks(secrets=[dated(not_after="2026-12-31")]),
            Webhooks,
            "endpoints.shop.secrets[0].not_after: Invalid RFC3339",
        ),
        (
            hooks(secrets=[dated(not_after=1798675200)]),
            Webhooks,
            "endpoints.shop.secrets[0].not_after: Expected `datetime`",
        ),
        (hooks(secrets=[7]), Webhooks, "endpoints.shop.secrets[0]: Expected `str | object`"),
        (hooks(secrets=[["canary"]]), Webhooks, "endpoints.shop.secrets[0]: Expected `str | "),
        (hooks(url="shop.example/canary"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="ftp://shop.example/canary"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https:///canary"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https://x.example:canary/"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https://x.example/canary\n"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url=" https://x.example/canary"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https://[::1/canary"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https://shop.example\\@canary/"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https://shop..example/canary"), Webhooks, "endpoints.shop.url: is no URL"),
        (hooks(url="https://shop.example,canary/"), Webhooks, "endpoints.shop.url: is no URL"),
        (
            b'{"clients": {"shop": {"keys_sha256": ["%s"]}, "shop": {"keys_sha256": ["%s"]}}}'
            % (DIGEST.encode(), OTHER.encode()),
            ApiKeys,
            "shop: is there twice",
        ),
        (
            b'{"secret_id": "AKIDx", "secret_key": "canary", "secret_key": "canary"}',
            VendorKey,
            "secret_key: is there twice",
        ),
        (
            {"clients": {"\u00e9" * 128: {"keys_sha256": [DIGEST]}}},
            ApiKeys,
            "clients.(a name that is not shown): a client's name may have at most 255 bytes",
        ),
        (hooks(url=""), Webhooks, "endpoints.shop.url: Expected `str` of length >= 1"),
        ({"endpoints": {"": {}}}, Webhooks, "endpoints.(a name that is not shown).url: is missing"),
        ({**VENDOR, "secretKey": "x"}, VendorKey, "secretKey: there is no such field"),
        ({**VENDOR, "secret_key": "canary\n"}, VendorKey, "secret_key: Expected `str` matching"),
        ({**VENDOR, "secret_id": ""}, VendorKey, "secret_id: Expected `str` matching"),
        ({**SENSEID, "iv": "0123456789"}, SenseIdKey, "iv: Expected `str` of length >= 12"),
        ({**SENSEID, "IV": "canary"}, SenseIdKey, "IV: there is no such field"),
        # Without its name the certificate would be left out, and TLS not verified.
        ({**LOGIN, "CA": "canary"}, DatabaseLogin, "CA: there is no such field"),
        ({"user": "canary"}, DatabaseLogin, "password: is missing"),
        ([], ApiKeys, "Expected `object`, got `array`"),
        (b"canary", ApiKeys, "is not JSON"),
        (b"\xff", ApiKeys, "is not JSON"),
        (b"", Webhooks, "is not JSON"),
    ],
)
def test_an_invalid_document_is_refused_naming_client_and_field_but_no_value(
    document: object, kind: type[SecretDocument], message: str
) -> None:
    """A misspelt threshold once fell back to the vendor's default, without a word."""
    with pytest.raises(SecretUnusable) as unusable:
        read(document, kind)

    assert message in str(unusable.value)
    shown = (DIGEST, DIGEST.upper(), WEBHOOK_SECRET, PRIVATE, WRONG_64, *SENSEID.values())
    for value in ("canary", "AKID", *shown):
        assert value not in str(unusable.value)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({LONG: 1}, ApiKeys),
        ({"clients": {LONG: {}}}, ApiKeys),
        (keys(**{LONG: 1}), ApiKeys),
        (keys(thresholds={LONG: 1}), ApiKeys),
        (hooks(secrets=[{LONG: 1}]), Webhooks),
    ],
)
def test_a_secret_that_stands_where_a_name_belongs_is_not_shown(
    document: object, kind: type[SecretDocument]
) -> None:
    with pytest.raises(SecretUnusable) as unusable:
        read(document, kind)

    assert "a name that is not shown" in str(unusable.value)
    assert LONG not in str(unusable.value)


def test_every_check_takes_a_threshold_of_its_scale_and_none_above() -> None:
    for check, check_facts in facts.checks().items():
        read(keys(thresholds={check: check_facts.threshold_max}), ApiKeys)
        with pytest.raises(
            SecretUnusable, match=f"{check}: may be at most {check_facts.threshold_max:g}"
        ):
            read(keys(thresholds={check: check_facts.threshold_max + 0.01}), ApiKeys)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    metrics: list[Metric] = []
    monkeypatch.setattr(observability, "count", metrics.append)
    return metrics


def test_a_refused_document_is_logged_with_secret_client_and_field_and_counted(
    caplog: pytest.LogCaptureFixture, counted: list[Metric]
) -> None:
    document = json.dumps(keys(thresholds={"silent": 70}, keys_sha256=[DIGEST])).encode()
    secrets = MemorySecrets({"arn:api-keys": document})
    for name in ("arn:api-keys", "arn:absent"):
        with pytest.raises(SecretUnusable, match=name):
            read_secret(secrets, name, ApiKeys)

    refused, absent = caplog.records
    assert (refused.message, refused.levelno) == ("SECRET_UNUSABLE", logging.ERROR)
    detail = vars(refused)["detail"]
    assert detail == "secret arn:api-keys: clients.shop.thresholds.silent: may be at most 1"
    assert DIGEST not in str(vars(refused))
    assert "arn:absent" in vars(absent)["detail"]
    assert counted == [Metric.SECRET_UNUSABLE, Metric.SECRET_UNUSABLE]


def test_a_document_that_is_read_is_neither_logged_nor_counted(
    caplog: pytest.LogCaptureFixture, counted: list[Metric]
) -> None:
    read_secret(MemorySecrets({"k": json.dumps(keys()).encode()}), "k", ApiKeys)

    assert (caplog.records, counted) == ([], [])


def test_with_a_refused_document_the_api_answers_503_and_a_mended_one_heals_it(
    deployment: Deployment, caplog: pytest.LogCaptureFixture, counted: list[Metric]
) -> None:
    """A threshold beyond the scale was a 500 at each create, with no line that said why."""
    good = deployment.secrets.values["api-keys"]
    document = json.loads(good)
    document["clients"][CLIENT]["thresholds"] = {"silent": 70}
    deployment.secrets.values["api-keys"] = json.dumps(document).encode()
    headers = {"authorization": f"Bearer {API_KEY}"}
    request = Request("GET", "/v1/verifications", {}, headers, b"")

    response = serve(deployment.dependencies, "api", request)
    problem = json.loads(response.body)
    assert (response.status, problem["code"]) == (503, "not_configured")
    assert CLIENT not in response.body.decode()
    assert "silent" not in response.body.decode()
    lines = [line.message for line in caplog.records if line.levelno >= logging.ERROR]
    assert lines == ["SECRET_UNUSABLE"]
    assert counted == [Metric.SECRET_UNUSABLE]

    deployment.secrets.values["api-keys"] = good
    assert serve(deployment.dependencies, "api", request).status == 200
