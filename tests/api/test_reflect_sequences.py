"""POST /v1/reflect-sequences: bounds of the request, the answer's bytes, the vendor's failures."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from liveproof.api.http import Request, Response
from liveproof.api.routes import serve
from liveproof.use_cases.create_reflect_sequence import LONGEST_WAIT_MS
from liveproof.vendors.errors import NotSent, RelayFailed, VendorRefused
from liveproof.vendors.tencent.reflect_sequence import DeviceData, ReflectSequences
from tests.support.deployment import API_KEY, Deployment, md5_of

SEQUENCE = b'{"canary": "sequence"}'


class Vendor:
    """Stands in for the vendor: records the requests and gives the sequence."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, int]] = []
        self.gives: bytes | Exception = SEQUENCE

    def upload(self, device_data: str, timeout: float) -> DeviceData:
        assert 0 < timeout < 24
        return DeviceData(device_data, "md5")

    def generate(self, device_data: DeviceData, security_level: int, timeout: float) -> bytes:
        self.requests.append((device_data.url, security_level))
        assert 0 < timeout < 24
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


@pytest.fixture
def vendor(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    made = Vendor()
    sequences: ReflectSequences = deployment.dependencies.reflect_sequences
    monkeypatch.setattr(sequences, "upload", made.upload)
    monkeypatch.setattr(sequences, "generate", made.generate)
    return made


def ask(deployment: Deployment, body: object) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {API_KEY}"}
    request = Request("POST", "/v1/reflect-sequences", {}, headers, raw)
    return serve(deployment.dependencies, "create_reflect_sequence", request)


def problem(response: Response) -> tuple[int, str, str | None]:
    document = json.loads(response.body)
    return response.status, document["code"], document.get("field")


def test_a_sequence_comes_in_base64_with_its_md5(deployment: Deployment, vendor: Vendor) -> None:
    response = ask(deployment, {"device_data": "{}"})
    document = json.loads(response.body)

    assert response.status == 201
    assert response.headers["Cache-Control"] == "no-store"
    assert set(document) == {"content_base64", "md5"}
    assert base64.b64decode(document["content_base64"], validate=True) == SEQUENCE
    assert document["md5"] == md5_of(SEQUENCE)
    assert vendor.requests == [("{}", 4)]


@pytest.mark.parametrize("length", [1, 60_000])
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_bounds_are_taken(
    deployment: Deployment, vendor: Vendor, length: int, level: int
) -> None:
    body = {"device_data": "x" * length, "security_level": level}

    assert ask(deployment, body).status == 201
    assert vendor.requests == [("x" * length, level)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "device_data"),
        ({"device_data": ""}, "device_data"),
        ({"device_data": "x" * 60_001}, "device_data"),
        ({"device_data": {"platform": 2}}, "device_data"),
        ({"device_data": None}, "device_data"),
        ({"device_data": "x", "security_level": 0}, "security_level"),
        ({"device_data": "x", "security_level": 5}, "security_level"),
        ({"device_data": "x", "security_level": "4"}, "security_level"),
        ({"device_data": "x", "security_level": 2.5}, "security_level"),
        ({"device_data": "x", "security_level": True}, "security_level"),
        ({"device_data": "x", "region": "ap-hongkong"}, "region"),
        ([], None),
        (b"", None),
        (b"{", None),
        (b'{"device_data": "\\ud800"}', None),
        (b'{"device_data": "\xff"}', None),
    ],
)
def test_an_invalid_request_is_refused_before_the_vendor_is_called(
    deployment: Deployment, vendor: Vendor, body: Any, field: str | None
) -> None:
    assert problem(ask(deployment, body)) == (400, "invalid_request", field)
    assert vendor.requests == []
    assert deployment.quota.next_at == {}


def test_a_body_over_the_limit_is_too_large(deployment: Deployment, vendor: Vendor) -> None:
    document = problem(ask(deployment, {"device_data": "\U0001f600" * 20_000}))

    assert document[:2] == (413, "request_too_large")
    assert vendor.requests == []


@pytest.mark.parametrize(
    "failure",
    [
        NotSent("no connection to the vendor"),
        RelayFailed("the downloaded bytes do not have the promised MD5"),
        VendorRefused("InternalError", "canary-request"),
    ],
)
def test_a_vendor_that_fails_is_a_502(
    deployment: Deployment, vendor: Vendor, failure: Exception
) -> None:
    vendor.gives = failure
    response = ask(deployment, {"device_data": "{}"})

    assert problem(response) == (502, "vendor_failed", None)
    assert b"canary" not in response.body


def test_a_quota_that_is_used_up_is_a_503_that_says_when_to_ask_again(
    deployment: Deployment, vendor: Vendor
) -> None:
    far = deployment.clock.now() + LONGEST_WAIT_MS + 3_001
    deployment.quota.next_at["faceid.GenerateReflectSequence.ap-singapore.line"] = far
    response = ask(deployment, {"device_data": "{}"})

    assert problem(response) == (503, "vendor_busy", None)
    assert response.headers["Retry-After"] == "4"
    assert vendor.requests == []


def test_a_vendor_that_throttles_is_a_503_that_says_when_to_ask_again(
    deployment: Deployment, vendor: Vendor
) -> None:
    vendor.gives = VendorRefused("RequestLimitExceeded", "canary-request")
    response = ask(deployment, {"device_data": "{}"})

    assert problem(response) == (503, "vendor_busy", None)
    assert response.headers["Retry-After"] == "2"
    assert b"canary" not in response.body


def test_other_problems_say_nothing_of_when_to_ask_again(
    deployment: Deployment, vendor: Vendor
) -> None:
    vendor.gives = NotSent("no connection to the vendor")

    assert "Retry-After" not in ask(deployment, {"device_data": "{}"}).headers
