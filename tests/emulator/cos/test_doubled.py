"""Two copies of a header or parameter would be two requests: one is signed, the other obeyed."""

import base64
import hashlib
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import Presign, presigner, send_pairs

GOOD, OTHER = b"the declared bytes", b"some other  bytes "
SIGNED = {
    "content-length": str(len(GOOD)),
    "content-type": "image/jpeg",
    "x-cos-forbid-overwrite": "true",
}


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def upload_url(presign: Presign) -> tuple[str, list[tuple[str, str]]]:
    headers = {**SIGNED, "content-md5": md5(GOOD)}
    return presign("PUT", headers=headers), list(headers.items())


def test_other_bytes_are_not_stored_by_a_second_content_md5(presign: Presign, web: Any) -> None:
    url, headers = upload_url(presign)
    for extra in (
        [("Content-MD5", md5(OTHER))],
        [("content-md5", md5(OTHER)), ("x-cos-forbid-overwrite", "false")],
    ):
        for pairs in ([*extra, *headers], [*headers, *extra]):
            status, answer = send_pairs("PUT", url, OTHER, pairs)
            assert (status, b"came twice" in answer) == (400, True)
    assert web("HEAD", presign("HEAD")).status == 404
    assert send_pairs("PUT", url, GOOD, headers)[0] == 200
    assert web("GET", presign("GET")).body == GOOD


def test_an_object_is_not_replaced_by_a_second_forbid_overwrite(presign: Presign, web: Any) -> None:
    url = presign("PUT", headers={"x-cos-forbid-overwrite": "true"})
    once = ("x-cos-forbid-overwrite", "true")
    length = ("Content-Length", str(len(GOOD)))
    assert send_pairs("PUT", url, GOOD, [length, once])[0] == 200
    assert (
        send_pairs("PUT", url, OTHER, [length, ("X-Cos-Forbid-Overwrite", "false"), once])[0] == 400
    )
    assert send_pairs("PUT", url, OTHER, [length, once])[0] == 409
    assert web("GET", presign("GET")).body == GOOD


@pytest.mark.parametrize(
    "name", ["x-cos-acl", "x-cos-meta-who", "Content-Type", "Content-Encoding", "If-Match", "Range"]
)
def test_no_header_that_counts_may_come_twice_signed_or_not(presign: Presign, name: str) -> None:
    pairs = [("Content-Length", "1"), (name, "a"), (name, "a")]
    assert send_pairs("PUT", presign("PUT"), b"x", pairs)[0] == 400
    assert send_pairs("PUT", presign("PUT"), b"x", [("Content-Length", "1")])[0] == 200


def test_a_signed_parameter_may_not_come_twice(presign: Presign, web: Any) -> None:
    web("PUT", presign("PUT"), b"x")
    url = presign("GET", params={"response-content-type": "text/plain"})
    assert web("GET", url).status == 200
    for extra in ("response-content-type=text/html", "Response-Content-Type=text/html",
                  "q-ak=AKIDother"):  # fmt: skip
        assert web("GET", f"{url}&{extra}").status == 400
        assert web("GET", url.replace("?", f"?{extra}&")).status == 400


def test_other_headers_may_come_twice(presign: Presign) -> None:
    pairs = [("Content-Length", "1"), ("X-Trace", "a"), ("X-Trace", "b")]
    assert send_pairs("PUT", presign("PUT"), b"x", pairs)[0] == 200
