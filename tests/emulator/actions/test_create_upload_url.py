"""CreateUploadUrl."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from liveproof_emulator import testing

BUCKETS = {
    "ap-singapore": "faceid-resource-sg-1254418846",
    "ap-hongkong": "faceid-resource-hk-1258344699",
    "ap-bangkok": "faceid-resource-bk-1254418846",
}


@pytest.mark.parametrize("region", BUCKETS)
def test_both_urls_name_one_object_in_the_region_s_bucket(caller: Any, region: str) -> None:
    urls = caller.new_urls(region)
    put, get = urlsplit(urls["UploadUrl"]), urlsplit(urls["ResourceUrl"])
    target = f"{BUCKETS[region]}.cos.{region}.myqcloud.com"
    key = f"faceid%2FDetectReflectLivenessAndCompare%2F1250000000%2F{urls['RequestId']}"
    assert put.path == get.path == f"/cos/{target}/{key}"
    signed = [parse_qs(url.query, keep_blank_values=True) for url in (put, get)]
    assert signed[0]["q-signature"] != signed[1]["q-signature"]
    assert all(query["q-header-list"] == ["host"] for query in signed)
    assert all(query["q-url-param-list"] == [""] for query in signed)


def test_the_urls_live_for_two_hours(caller: Any, vendor: testing.Running, web: Any) -> None:
    before = int(time.time())
    urls = caller.new_urls()
    assert 0 <= urls["ExpiredTimestamp"] - before - 7200 <= 2
    vendor.advance(7100)
    assert web("PUT", urls["UploadUrl"], b"x").status == 200
    assert web("GET", urls["ResourceUrl"]).body == b"x"
    vendor.advance(101)
    for method, url in (("PUT", urls["UploadUrl"]), ("GET", urls["ResourceUrl"])):
        refused = web(method, url, b"x" if method == "PUT" else None)
        assert (refused.status, b"<Code>AccessDenied</Code>" in refused.body) == (403, True)


def test_the_object_can_be_put_again(caller: Any, web: Any) -> None:
    urls = caller.new_urls()
    for body in (b"one", b"two"):
        assert web("PUT", urls["UploadUrl"], body).status == 200
    assert web("GET", urls["ResourceUrl"]).body == b"two"


def test_the_ledger_has_it_as_free_with_its_key(caller: Any, vendor: testing.Running) -> None:
    urls = caller.new_urls()
    (entry,) = vendor.calls("CreateUploadUrl")
    key = f"faceid/DetectReflectLivenessAndCompare/1250000000/{urls['RequestId']}"
    assert entry["resources"] == [key]
    assert (entry["billed"], entry["executed"], entry["code"]) == ("no", True, None)


def test_urls_that_are_over_at_once_can_be_asked_for(
    caller: Any, vendor: testing.Running, web: Any
) -> None:
    vendor.fault("CreateUploadUrl", "urls-expired")
    assert web("PUT", caller.new_urls()["UploadUrl"], b"x").status == 403
    assert web("PUT", caller.new_urls()["UploadUrl"], b"x").status == 200
