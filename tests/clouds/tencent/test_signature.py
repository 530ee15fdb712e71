"""COS V5 signatures that are the ones the vendor's SDK makes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveproof.clouds.tencent.signature import presign_url, sign_headers
from liveproof.secret_documents import VendorKey
from tests.support import environments
from tests.support.thorough import examples

pytestmark = pytest.mark.xdist_group("sdk_acceptance")

NOW = 1_795_000_000_123
BUCKET, REGION = "team-1250000000", "ap-singapore"
BASE = f"https://{BUCKET}.cos.{REGION}.myqcloud.com"

Sdk = Callable[[dict[str, Any]], dict[str, str]]


@pytest.fixture(scope="module")
def sdk() -> Iterator[Sdk]:
    """Asks the vendor's SDK, in its own environment and process."""
    program = environments.venv("sdk-cos")
    driver = Path(__file__).with_name("sdk_signer.py")
    with subprocess.Popen(
        [program, driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        to_sdk, from_sdk = process.stdin, process.stdout

        def ask(case: dict[str, Any]) -> dict[str, str]:
            to_sdk.write(json.dumps(case) + "\n")
            to_sdk.flush()
            answer: dict[str, str] = json.loads(from_sdk.readline())
            return answer

        yield ask
        to_sdk.close()
        assert process.wait(10) == 0


# Surrogates are no text that could be sent; NUL is in no URL.
TEXT = st.text(
    st.one_of(
        st.sampled_from("abzAZ09/~ .-_+%&=;:?#'\"()*!@,[]é漢😀"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    min_size=1,
    max_size=30,
)
# The SDK drops a first slash from the URL, but signs it: our keys have none.
PIECES = st.lists(st.sampled_from(["a", "./", "../", "//", "%2F", "%", "~", "+ "]), min_size=1)
KEYS = st.one_of(TEXT, PIECES.map("".join)).filter(lambda key: not key.startswith("/"))
# The SDK signs these only; names differ by more than case.
HEADER_NAMES = st.sampled_from(
    [
        "Content-MD5", "content-length", "Content-Type", "x-cos-forbid-overwrite",
        "X-Cos-Meta-Who~", "x-cos-acl", "Range", "If-Match", "x-cos-security-token", "Expires",
    ]
)  # fmt: skip
HEADERS = st.dictionaries(HEADER_NAMES, TEXT, max_size=6)
PARAMS = st.dictionaries(
    st.one_of(st.sampled_from(["response-content-type", "x-cos-security-token", "acl"]), TEXT),
    st.one_of(st.just(""), TEXT),
    max_size=4,
).filter(lambda params: len({name.lower() for name in params}) == len(params))
SECRETS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=40)


def case_of(**changes: Any) -> dict[str, Any]:
    return {
        "bucket": BUCKET,
        "region": REGION,
        "domain": None,
        "secret_id": "AKIDexample",
        "secret_key": "key",
        "method": "PUT",
        "key": "uploads/ver_01/image/abc",
        "now": NOW // 1000,
        "seconds": 900,
        "headers": {},
        "params": {},
        **changes,
    }


def our_url(case: dict[str, Any], token: str | None = None) -> str:
    base = f"https://{case['domain']}" if case["domain"] else BASE
    secret = VendorKey(case["secret_id"], case["secret_key"], token)
    now = case["now"] * 1000 + 123
    return presign_url(
        case["method"], base, case["key"], case["headers"], secret, now,
        now + case["seconds"] * 1000, case["params"],
    )  # fmt: skip


def comparable(url: str) -> str:
    """The SDK writes a space of the query as +, and a literal + as %2B, as we do."""
    return url.replace("+", "%20")


@settings(max_examples=examples(100, 500), deadline=None)
@given(
    method=st.sampled_from(["PUT", "GET", "HEAD", "POST", "DELETE"]),
    key=KEYS,
    headers=HEADERS,
    params=PARAMS,
    secret_id=SECRETS,
    secret_key=SECRETS,
    now=st.integers(1_000_000_000, 2_000_000_000),
    seconds=st.integers(1, 604_800),
    domain=st.sampled_from([None, "files.example.com"]),
)
def test_a_url_is_byte_for_byte_the_one_that_the_vendors_sdk_signs(
    sdk: Sdk, **changes: Any
) -> None:
    case = case_of(**changes)

    assert our_url(case) == comparable(sdk(case)["url"])


@settings(max_examples=examples(50, 200), deadline=None)
@given(
    method=st.sampled_from(["PUT", "GET", "HEAD"]),
    key=KEYS,
    headers=HEADERS.map(lambda headers: {**headers, "x-cos-security-token": "to/ken+=~"}),
    secret_key=SECRETS,
)
def test_an_authorization_header_is_the_one_that_the_vendors_sdk_makes(
    sdk: Sdk, **changes: Any
) -> None:
    case = case_of(**changes, seconds=600)
    secret = VendorKey(case["secret_id"], case["secret_key"], "to/ken+=~")
    given_headers = {
        name: value for name, value in case["headers"].items() if name != "x-cos-security-token"
    }

    sent = sign_headers(case["method"], BASE, case["key"], given_headers, secret, NOW)

    assert sent.pop("Authorization") == sdk(case)["authorization"]
    assert sent == case["headers"]


@settings(max_examples=examples(25, 100), deadline=None)
@given(key=KEYS, headers=HEADERS, token=TEXT)
def test_a_token_is_the_signed_parameter_that_the_sdks_caller_must_add(
    sdk: Sdk, key: str, headers: dict[str, str], token: str
) -> None:
    case = case_of(key=key, headers=headers)
    by_sdk = sdk({**case, "params": {"x-cos-security-token": token}})["url"]

    assert our_url(case, token) == comparable(by_sdk)
    assert dict(parse_qsl(urlsplit(our_url(case, token)).query))["x-cos-security-token"] == token


def query_of(expires_at: int) -> dict[str, str]:
    url = presign_url("PUT", BASE, "k", {"A": "b"}, VendorKey("id", "key"), NOW, expires_at)
    return dict(parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize(
    ("left_ms", "seconds"), [(900_000, 900), (900_876, 900), (900_877, 901), (10, 1), (-5_000, 1)]
)
def test_a_signature_never_outlives_its_time_but_by_the_second_it_needs(
    left_ms: int, seconds: int
) -> None:
    begin, _, end = query_of(NOW + left_ms)["q-key-time"].partition(";")

    assert int(begin) == NOW // 1000 - 60
    assert int(end) == NOW // 1000 + seconds


def test_headers_beyond_the_sdks_list_are_signed_as_well() -> None:
    assert query_of(NOW + 900_000)["q-header-list"] == "a;host"


def test_the_secret_key_is_in_no_url_and_no_header() -> None:
    secret = VendorKey("id", "canary", "token")

    assert "canary" not in presign_url("PUT", BASE, "k", {}, secret, NOW, NOW + 1)
    assert "canary" not in str(sign_headers("PUT", BASE, "k", {}, secret, NOW))
