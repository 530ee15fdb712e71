"""Lists of a bucket's objects, page by page."""

from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import BUCKET, Presign, presigner

KEYS = ["a", "b/1", "b/2", "b/c/3", "d", "é & <x>", "\uff5e", "\U0001f600"]


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


@pytest.fixture
def listed(presign: Presign, web: Any) -> Any:
    for number, key in enumerate(reversed(KEYS)):
        assert web("PUT", presign("PUT", key=key), bytes(number)).status == 200

    def ask(**params: str) -> ElementTree.Element:
        named = {name.replace("_", "-"): value for name, value in params.items()}
        reply = web("GET", presign("GET", key="", params=named))
        assert (reply.status, reply.headers["content-type"]) == (200, "application/xml")
        return ElementTree.fromstring(reply.body)  # noqa: S314

    return ask


def keys(page: ElementTree.Element) -> list[str]:
    return [str(key.text) for key in page.iterfind("Contents/Key")]


def prefixes(page: ElementTree.Element) -> list[str]:
    return [str(prefix.text) for prefix in page.iterfind("CommonPrefixes/Prefix")]


def test_a_list_has_every_object_in_the_order_of_its_bytes(listed: Any) -> None:
    page = listed()
    assert keys(page) == KEYS
    assert page.findtext("Name") == "team-1250000000"
    assert (page.findtext("IsTruncated"), page.findtext("MaxKeys")) == ("false", "1000")
    first = page.find("Contents")
    assert first.findtext("Size") == "7"
    assert first.findtext("ETag", "")[0] == '"'
    assert first.findtext("LastModified").endswith("Z")


def test_another_bucket_s_objects_are_not_in_it(presign: Presign, web: Any, listed: Any) -> None:
    other = BUCKET.replace("team", "another")
    reply = web("GET", presign("GET", key="", bucket=other))
    assert keys(ElementTree.fromstring(reply.body)) == []  # noqa: S314
    assert keys(listed()) == KEYS


def test_a_prefix_and_a_delimiter_make_folders(listed: Any) -> None:
    page = listed(prefix="b/")
    assert keys(page) == ["b/1", "b/2", "b/c/3"]
    page = listed(delimiter="/")
    assert (keys(page), prefixes(page)) == ([key for key in KEYS if "/" not in key], ["b/"])
    page = listed(prefix="b/", delimiter="/")
    assert (keys(page), prefixes(page)) == (["b/1", "b/2"], ["b/c/"])


@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("size", ["1", "2", "3"])
def test_pages_together_are_the_whole_list(listed: Any, delimiter: str, size: str) -> None:
    params = {"delimiter": delimiter} if delimiter else {}
    whole = listed(**params)
    names: list[str] = []
    marker = ""
    for _ in KEYS:
        page = listed(**params, max_keys=size, **({"marker": marker} if marker else {}))
        assert 1 <= len(keys(page) + prefixes(page)) <= int(size)
        names += sorted(keys(page) + prefixes(page), key=str.encode)
        if page.findtext("IsTruncated") == "false":
            break
        marker = str(page.findtext("NextMarker"))
    assert names == sorted(keys(whole) + prefixes(whole), key=str.encode)


def test_names_can_be_asked_for_url_encoded(listed: Any) -> None:
    page = listed(encoding_type="url")
    assert page.findtext("EncodingType") == "url"
    assert "%20" in keys(page)[5]
    assert [unquote(key) for key in keys(page)] == KEYS


@pytest.mark.parametrize("params", [{"max-keys": "many"}, {"encoding-type": "base64"}])
def test_an_invalid_list_request_is_refused(
    presign: Presign, web: Any, params: dict[str, str]
) -> None:
    reply = web("GET", presign("GET", key="", params=params))
    assert reply.status == 400
    assert ElementTree.fromstring(reply.body).findtext("Code") == "InvalidArgument"  # noqa: S314


def test_a_deleted_object_is_in_no_list(presign: Presign, web: Any, listed: Any) -> None:
    web("DELETE", presign("DELETE", key="d"))
    assert "d" not in keys(listed())


def test_a_bucket_is_there_for_whoever_may_sign_for_it(presign: Presign, web: Any) -> None:
    assert web("HEAD", presign("HEAD", key="")).status == 200
    vendors = "faceid-resource-sg-1254418846.cos.ap-singapore.myqcloud.com"
    assert web("HEAD", presign("HEAD", key="", bucket=vendors)).status == 403
    assert web("PUT", presign("PUT", key=""), b"").status == 405
