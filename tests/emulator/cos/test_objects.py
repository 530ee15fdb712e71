"""Objects as COS serves them: parts, metadata, checksums, conditions, deletion."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest

from liveproof_emulator import testing
from liveproof_emulator.cos.store import Stored
from tests.emulator.cos.signer import BUCKET, Presign, encoded, fields, presigner


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def code(reply: Any) -> str | None:
    return ElementTree.fromstring(reply.body).findtext("Code")  # noqa: S314


def test_the_crc_is_the_published_one() -> None:
    assert Stored(b"123456789", "", 0).crc64 == str(0x995DC9BBDF1939FA)
    assert Stored(b"", "", 0).crc64 == "0"


@pytest.mark.parametrize(
    ("range_header", "status", "expected", "content_range"),
    [
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=4-2", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
    ],
)
def test_a_range_is_that_part_of_the_object(
    presign: Presign,
    web: Any,
    range_header: str,
    status: int,
    expected: bytes,
    content_range: str | None,
) -> None:
    web("PUT", presign("PUT"), b"0123456789")
    for signed in ({}, {"range": range_header}):
        reply = web("GET", presign("GET", headers=signed), None, {"Range": range_header})
        assert (reply.status, reply.body) == (status, expected)
        assert reply.headers.get("content-range") == content_range
        assert reply.headers["content-length"] == str(len(expected))
    head = web("HEAD", presign("HEAD"), None, {"Range": range_header})
    assert (head.status, head.headers["content-length"]) == (status, str(len(expected)))


@pytest.mark.parametrize("range_header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_after_the_end_cannot_be_satisfied(
    presign: Presign, web: Any, range_header: str
) -> None:
    web("PUT", presign("PUT"), b"0123456789")
    reply = web("GET", presign("GET"), None, {"Range": range_header})
    assert (reply.status, code(reply)) == (416, "InvalidRange")


def test_every_answer_has_a_request_id_of_its_own(presign: Presign, web: Any) -> None:
    replies = [web("PUT", presign("PUT"), b"x"), web("GET", presign("GET", key="none"))]
    ids = [reply.headers["x-cos-request-id"] for reply in replies]
    assert len(set(ids)) == 2
    assert ElementTree.fromstring(replies[1].body).findtext("RequestId") == ids[1]  # noqa: S314


def test_metadata_and_checksums_come_back(presign: Presign, web: Any) -> None:
    sent = {
        "x-cos-meta-md5": "0cc1",
        "X-Cos-Meta-Who": "a b",
        "Cache-Control": "no-store",
        "Content-Disposition": "inline",
        "x-cos-acl": "private",
    }
    put = web("PUT", presign("PUT", headers={"x-cos-meta-md5": "0cc1"}), b"123456789", sent)
    assert put.headers["x-cos-hash-crc64ecma"] == "11051210869376104954"
    for method in ("GET", "HEAD"):
        got = web(method, presign(method)).headers
        assert got["x-cos-meta-md5"] == "0cc1"
        assert got["x-cos-meta-who"] == "a b"
        assert (got["cache-control"], got["content-disposition"]) == ("no-store", "inline")
        assert got["x-cos-hash-crc64ecma"] == "11051210869376104954"
        assert got["etag"] == put.headers["etag"]
        assert got["last-modified"].endswith(" GMT")
        assert "x-cos-acl" not in got


def test_a_signed_header_that_is_changed_or_missing_is_refused(presign: Presign, web: Any) -> None:
    url = presign("PUT", headers={"x-cos-meta-md5": "0cc1", "content-length": "1"})
    assert web("PUT", url, b"x", {"x-cos-meta-md5": "0cc1"}).status == 200
    for sent in ({"x-cos-meta-md5": "0cc2"}, {}):
        assert code(web("PUT", url, b"x", sent)) == "SignatureDoesNotMatch"
    longer = web("PUT", url, b"xy", {"x-cos-meta-md5": "0cc1"})
    assert code(longer) == "SignatureDoesNotMatch"


def test_a_signed_parameter_pins_the_answer_s_headers(presign: Presign, web: Any) -> None:
    web("PUT", presign("PUT"), b"x", {"Content-Type": "image/jpeg"})
    pinned = {
        "response-content-type": "text/plain",
        "response-content-disposition": "attachment; filename=a",
    }
    got = web("GET", presign("GET", params=pinned)).headers
    assert got["content-type"] == "text/plain"
    assert got["content-disposition"] == "attachment; filename=a"


def test_conditions_are_about_the_etag(presign: Presign, web: Any) -> None:
    etag = web("PUT", presign("PUT"), b"x").headers["etag"]
    assert web("GET", presign("GET"), None, {"If-Match": etag}).status == 200
    assert code(web("GET", presign("GET"), None, {"If-Match": '"other"'})) == "PreconditionFailed"
    same = web("GET", presign("GET"), None, {"If-None-Match": etag})
    assert (same.status, same.body) == (304, b"")
    assert web("GET", presign("GET"), None, {"If-None-Match": '"other"'}).status == 200


def test_deleting_answers_the_same_whether_or_not_there_was_an_object(
    presign: Presign, web: Any
) -> None:
    web("PUT", presign("PUT"), b"x")
    for _ in range(2):
        reply = web("DELETE", presign("DELETE"))
        assert (reply.status, reply.body) == (204, b"")
        assert code(web("GET", presign("GET"))) == "NoSuchKey"
    assert code(web("DELETE", presign("GET"))) == "SignatureDoesNotMatch"


def test_of_many_that_create_the_same_object_once_exactly_one_does(
    presign: Presign, web: Any
) -> None:
    once = {"x-cos-forbid-overwrite": "true"}
    bodies = [str(number).encode() * 50_000 for number in range(8)]

    def create(body: bytes) -> int:
        status: int = web("PUT", presign("PUT", headers=once), body, once).status
        return status

    with ThreadPoolExecutor(len(bodies)) as pool:
        statuses = list(pool.map(create, bodies))
    assert sorted(statuses) == [200] + [409] * 7
    assert web("GET", presign("GET")).body == bodies[statuses.index(200)]
    web("DELETE", presign("DELETE"))
    assert create(b"again") == 200


def test_temporary_keys_sign_headers_and_parameters_in_the_same_way(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    key, token = vendor.temporary, str(vendor.temporary.token)
    own = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    header = {"x-cos-security-token": token}
    assert web("PUT", presign("PUT", headers=header, **own), b"x", header).status == 200
    assert web("PUT", presign("PUT", **own), b"x", header).status == 200
    wrong = {"x-cos-security-token": "wrong"}
    assert code(web("PUT", presign("PUT", **own), b"x", wrong)) == "AccessDenied"


def test_a_header_signature_may_list_parameters_with_strange_names(
    vendor: testing.Running, web: Any
) -> None:
    params = {"response-content-language": "a&b=c/d", "x/y": "+ %"}
    signed = fields(
        vendor.secret_id, vendor.secret_key, "PUT", "/é", {"host": BUCKET, "x-cos-meta-a": "ö/"},
        params,
    )  # fmt: skip
    authorization = "&".join(f"{name}={value}" for name, value in signed.items())
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in params.items())
    headers = {"Host": BUCKET, "Authorization": authorization, "x-cos-meta-a": "ö/".encode()}
    url = f"{vendor.url}/{encoded('é')}?{query}"
    assert web("PUT", url, b"x", headers).status == 200
    assert code(web("PUT", url.replace("%25", "%26"), b"x", headers)) == "SignatureDoesNotMatch"
    strange = {**headers, "x-cos-meta-a": b"\xff"}
    assert code(web("PUT", url, b"x", strange)) == "SignatureDoesNotMatch"
