"""A page in a browser and both buckets: the rule that the templates make of the setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.acceptance.client import Client
from tests.acceptance.test_documentation import run
from tests.docs.pages import blocks
from tests.support.local_clouds import PAGE_ORIGIN

SIGNED = {
    "aws": "content-md5,content-type,if-none-match",
    "tencent": "content-md5,content-type,x-cos-forbid-overwrite",
}
STRANGER = "https://stranger.example"


def preflight(url: str, origin: str, headers: str, method: str = "PUT") -> tuple[int, str | None]:
    preflight_headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    answer = requests.options(url, headers=preflight_headers, timeout=60)
    return answer.status_code, answer.headers.get("Access-Control-Allow-Origin")


@pytest.fixture
def upload(client: Client) -> dict[str, Any]:
    created = client.create(client.files(check="photo"), "photo")
    entry: dict[str, Any] = created["uploads"]["image"]
    return entry


def test_the_pages_command_asks_as_a_browser_does(upload: dict[str, Any], tmp_path: Path) -> None:
    (command,) = [block.text for block in blocks("sh", "web-apps.md") if "OPTIONS" in block.text]
    assert PAGE_ORIGIN in command
    shown = run(command, tmp_path, URL=upload["url"]).lower()
    assert shown.startswith("http/1.1 200")
    assert f"access-control-allow-origin: {PAGE_ORIGIN}" in shown.splitlines()


def test_a_bucket_lets_the_settings_origins_send_the_signed_headers_and_nobody_else(
    client: Client, upload: dict[str, Any]
) -> None:
    url, signed = upload["url"], SIGNED[client.cloud.name]
    assert preflight(url, PAGE_ORIGIN, signed) == (200, PAGE_ORIGIN)
    assert preflight(url, "https://app.example", signed) == (200, "https://app.example")
    assert preflight(url, STRANGER, signed) == (403, None)
    assert preflight(url, PAGE_ORIGIN, signed, "GET") == (403, None)
    assert preflight(url, PAGE_ORIGIN, f"{signed},authorization") == (403, None)


def test_a_page_of_the_setting_reads_every_answer_and_another_reads_none(client: Client) -> None:
    files = client.files(check="photo")
    upload = client.create(files, "photo")["uploads"]["image"]
    headers = upload["headers"]

    def put(origin: str, sent: dict[str, str]) -> int:
        page = {**sent, "Origin": origin}
        answer = requests.put(upload["url"], files["image"].data, headers=page, timeout=60)
        readable = answer.headers.get("Access-Control-Allow-Origin")
        assert readable == (PAGE_ORIGIN if origin == PAGE_ORIGIN else None)
        assert "Access-Control-Expose-Headers" not in answer.headers
        return answer.status_code

    on_aws = client.cloud.name == "aws"
    for origin in (STRANGER, PAGE_ORIGIN):
        assert put(origin, {**headers, "Content-Type": "image/png"}) == 403
        assert put(origin, {**headers, "Authorization": "Bearer app"}) == (400 if on_aws else 403)
    assert put(PAGE_ORIGIN, headers) == 200
    assert put(PAGE_ORIGIN, headers) == (412 if on_aws else 409)
    # CORS keeps an answer from a page; it does not stop a request.
    assert put(STRANGER, headers) == (412 if on_aws else 409)
