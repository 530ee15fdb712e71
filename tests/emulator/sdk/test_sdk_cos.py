"""The vendor's COS SDKs in four languages, unchanged, against the running emulator."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.sdk.drivers import LANGUAGES, Drive, driver
from tests.emulator.sdk.forwarder import Forwarder

pytestmark = pytest.mark.xdist_group("sdk_acceptance")

BODY = b"0123456789" * 1000
# By crcmod, with the polynomial, start and end that the vendor publishes.
CRC = "12622084897816328103"
KEY = "uploads/ver one/é+&%.jpg"
# The SDKs for Go and Java put no path before a key. The first style is a language's default.
STYLES = {
    "python": ("path", "host", "proxy", "domain"),
    "node": ("path", "host", "proxy", "domain"),
    "go": ("domain", "host", "proxy"),
    "java": ("domain", "host", "proxy"),
}
in_every_style = pytest.mark.parametrize(
    ("sdk", "style"),
    [(language, style) for language in LANGUAGES for style in STYLES[language]],
    indirect=["sdk"],
)


@pytest.fixture(scope="module", params=LANGUAGES)
def sdk(request: pytest.FixtureRequest) -> Iterator[tuple[str, Drive]]:
    with driver(request.param, "cos") as drive:
        yield request.param, drive


@pytest.fixture
def cos(sdk: tuple[str, Drive], vendor: testing.Running) -> Callable[..., list[dict[str, Any]]]:
    language, drive = sdk

    def run(*steps: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
        plan = {
            "endpoint": vendor.endpoint,
            "style": STYLES[language][0],
            "bucket": "team-1250000000",
            "region": "ap-singapore",
            "secret_id": vendor.secret_id,
            "secret_key": vendor.secret_key,
            **changes,
        }
        return drive({**plan, "steps": steps})

    return run


def put(key: str, body: bytes = BODY, /, **more: Any) -> dict[str, Any]:
    return {"do": "put", "key": key, "body": base64.b64encode(body).decode(), **more}


def page(**params: Any) -> dict[str, Any]:
    return {"do": "list", "prefix": "", "delimiter": "", "marker": "", "size": 1000, **params}


@in_every_style
def test_an_object_is_put_seen_fetched_in_parts_listed_and_deleted(cos: Any, style: str) -> None:
    named = {"key": KEY}
    stored, whole, part, head, listed, deleted, gone, unseen = cos(
        put(KEY, meta=True),
        {"do": "get", **named},
        {"do": "get", "range": "bytes=8-11", **named},
        {"do": "head", **named},
        page(),
        {"do": "delete", **named},
        {"do": "get", **named},
        {"do": "head", **named},
        style=style,
    )
    md5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    assert stored == {"etag": f'"{md5}"', "crc": CRC}
    assert (base64.b64decode(whole["body"]), whole["range"]) == (BODY, None)
    assert (base64.b64decode(part["body"]), part["range"]) == (b"8901", "bytes 8-11/10000")
    assert head == {"size": "10000", "crc": CRC}
    assert listed["keys"] == [KEY]
    assert deleted == {}
    assert gone == {"error": "NoSuchKey", "status": 404}
    assert unseen["status"] == 404


def test_lists_come_in_pages_and_folders(cos: Any) -> None:
    keys = ["a", "b/1", "b/2", "b/c/3", "d e+f"]
    results = cos(
        *(put(key, b"x") for key in keys),
        page(size=2),
        page(size=2, marker="b/1"),
        page(delimiter="/"),
        page(prefix="b/", delimiter="/"),
    )
    first, second, folders, inside = results[len(keys) :]
    assert (first["keys"], first["next"]) == (["a", "b/1"], "b/1")
    assert (second["keys"], second["next"]) == (["b/2", "b/c/3"], "b/c/3")
    assert (folders["keys"], folders["prefixes"]) == (["a", "d e+f"], ["b/"])
    assert (inside["keys"], inside["prefixes"]) == (["b/1", "b/2"], ["b/c/"])


@pytest.mark.parametrize(
    ("sdk", "style"),
    [
        (language, style)
        for language in LANGUAGES
        for style in STYLES[language]
        if style in ("path", "domain")
    ],
    indirect=["sdk"],
)
def test_presigned_urls_work_for_their_method_and_their_time(
    cos: Any, vendor: testing.Running, web: Any, style: str
) -> None:
    made = cos(
        *({"do": "url", "key": KEY, "method": method} for method in ("PUT", "GET")), style=style
    )
    to_put, to_get = (url["url"] for url in made)
    assert web("PUT", to_put, BODY).status == 200
    assert web("GET", to_get).body == BODY
    assert web("GET", to_put).status == 403
    assert web("PUT", to_get, b"x").status == 403
    vendor.advance(3600)
    assert web("GET", to_get).status == 403


def test_temporary_keys_work_with_their_token(cos: Any, vendor: testing.Running, web: Any) -> None:
    key = vendor.temporary
    own: dict[str, Any] = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    stored, refused, url = cos(
        put(KEY, **own, token=key.token),
        put(KEY, **own),
        {"do": "url", "key": KEY, "method": "GET", **own, "token": key.token},
    )
    assert "etag" in stored
    assert refused == {"error": "AccessDenied", "status": 403}
    assert web("GET", url["url"]).body == BODY


@in_every_style
def test_wrong_keys_are_refused_with_the_vendor_s_codes(
    cos: Any, vendor: testing.Running, style: str
) -> None:
    results = cos(
        put(KEY),
        put(KEY, secret_key="wrong"),
        {"do": "get", "key": KEY, "secret_id": "AKIDnobody"},
        {"do": "delete", "key": KEY, "secret_key": "wrong"},
        page(secret_key="wrong"),
        {"do": "head", "key": KEY},
        style=style,
    )
    codes = ["SignatureDoesNotMatch", "InvalidAccessKeyId", *["SignatureDoesNotMatch"] * 2]
    assert results[1:-1] == [{"error": code, "status": 403} for code in codes]
    assert results[-1]["crc"] == CRC


def test_a_signature_of_another_time_is_refused(cos: Any, vendor: testing.Running) -> None:
    vendor.skew(86_400)
    assert cos(put(KEY)) == [{"error": "AccessDenied", "status": 403}]


@pytest.fixture
def forwarder(vendor: testing.Running) -> Iterator[Forwarder]:
    with Forwarder(vendor.endpoint) as running:
        yield running


def test_a_body_that_is_changed_on_the_way_is_refused(
    cos: Any, vendor: testing.Running, forwarder: Forwarder
) -> None:
    assert "etag" in cos(put(KEY), endpoint=forwarder.endpoint)[0]
    forwarder.change = lambda body: body[:-1] + b"!"
    refused, whole = cos(put(KEY), {"do": "head", "key": KEY}, endpoint=forwarder.endpoint)
    assert refused == {"error": "BadDigest", "status": 400}
    assert whole["crc"] == CRC
