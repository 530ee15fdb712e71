"""An emulator for all tests of this folder, and a caller that signs by itself."""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest

from liveproof_emulator import testing

REFLECT = "DetectReflectLivenessAndCompare"


@dataclass(frozen=True)
class HttpReply:
    """The answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def send(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    *,
    seconds: float = 10.0,
) -> HttpReply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target or "/", body, headers or {})
        reply = connection.getresponse()
        received = {name.lower(): value for name, value in reply.getheaders()}
        return HttpReply(reply.status, received, reply.read())
    finally:
        connection.close()


def signed_headers(
    body: bytes, host: str, secret_id: str, secret_key: str, **changes: Any
) -> dict[str, str]:
    """TC3 headers, written from the published description and not from the emulator's code.

    `changes`: timestamp, age (seconds when it is signed), date, service, canonical_host,
    content_type, names, extra (headers), payload, method, query.
    """
    timestamp = str(changes.get("timestamp", int(time.time()) - changes.get("age", 0)))
    moment = datetime.fromtimestamp(int(timestamp), timezone.utc)
    date = changes.get("date", moment.strftime("%Y-%m-%d"))
    service = changes.get("service", "faceid")
    headers = {
        "Content-Type": changes.get("content_type", "application/json"),
        "Host": host,
        "X-TC-Action": REFLECT,
        "X-TC-Version": "2018-03-01",
        "X-TC-Region": "ap-singapore",
        "X-TC-Timestamp": timestamp,
        **changes.get("extra", {}),
    }
    lowered = {name.lower(): value.strip().lower() for name, value in headers.items()}
    lowered["host"] = changes.get("canonical_host", host).lower()
    names = sorted(changes.get("names", ["content-type", "host"]))
    canonical = (
        f"{changes.get('method', 'POST')}\n/\n{changes.get('query', '')}\n"
        + "".join(f"{name}:{lowered[name]}\n" for name in names)
        + f"\n{';'.join(names)}\n{hashlib.sha256(changes.get('payload', body)).hexdigest()}"
    )
    scope = f"{date}/{service}/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"
    key = b"TC3" + secret_key.encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["Authorization"] = (
        f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return {name: value for name, value in headers.items() if value}


@dataclass
class Caller:
    """The customer's server and the mobile app in one."""

    vendor: testing.Running
    extra: dict[str, str] = field(default_factory=dict)

    def call(self, action: str, parameters: object, **changes: Any) -> HttpReply:
        """One signed call; what `signed_headers` takes can be changed."""
        seconds = changes.pop("seconds", 10.0)
        raw = changes.pop("raw", None)
        body = raw if raw is not None else json.dumps(parameters).encode()
        extra = {"X-TC-Action": action, **self.extra, **changes.pop("extra", {})}
        secret_id = changes.pop("secret_id", self.vendor.secret_id)
        secret_key = changes.pop("secret_key", self.vendor.secret_key)
        host = changes.pop("host", self.vendor.endpoint)
        headers = signed_headers(body, host, secret_id, secret_key, extra=extra, **changes)
        return send("POST", self.vendor.url, body, headers, seconds=seconds)

    def response(self, action: str, parameters: object, **changes: Any) -> dict[str, Any]:
        reply = self.call(action, parameters, **changes)
        assert reply.status == 200
        response: dict[str, Any] = reply.json()["Response"]
        return response

    def get(self, action: str, query: str) -> dict[str, Any]:
        """One signed call by GET; the Response."""
        headers = signed_headers(
            b"",
            self.vendor.endpoint,
            self.vendor.secret_id,
            self.vendor.secret_key,
            method="GET",
            query=query,
            content_type="application/x-www-form-urlencoded",
            extra={"X-TC-Action": action},
        )
        response: dict[str, Any] = send("GET", f"{self.vendor.url}/?{query}", None, headers).json()
        return dict(response["Response"])

    def new_urls(self, region: str = "ap-singapore") -> dict[str, Any]:
        return self.response(
            "CreateUploadUrl", {"TargetAction": REFLECT}, extra={"X-TC-Region": region}
        )

    def upload(self, body: bytes, region: str = "ap-singapore") -> str:
        """PUT a file; the URL to pass to the API."""
        urls = self.new_urls(region)
        assert send("PUT", urls["UploadUrl"], body).status == 200
        resource: str = urls["ResourceUrl"]
        return resource

    def parameters(self, live_data: bytes, image: bytes) -> dict[str, str]:
        """Upload both files and name them."""
        return {
            "LiveDataUrl": self.upload(live_data),
            "LiveDataMd5": hashlib.md5(live_data, usedforsecurity=False).hexdigest(),
            "ImageUrl": self.upload(image),
            "ImageMd5": hashlib.md5(image, usedforsecurity=False).hexdigest(),
        }

    def reflect(self, scenario: str | None = None, **changes: Any) -> dict[str, Any]:
        """A whole check with the scenario in the photo; the Response."""
        files = self.parameters(testing.live_data(), testing.photo(scenario))
        return self.response(REFLECT, files, **changes)


# What a thread in the tests' own process could do otherwise than a process: calls, faults and
# settings that go through Python instead of HTTP, and whole checks with their files.
BOTH_WAYS = frozenset({"test_controls", "test_faults", "test_detect_reflect", "test_objects"})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The emulator runs in a separate process; for tests that patch it, in a thread."""
    if "shared_vendor" not in metafunc.fixturenames:
        return
    ways = ["process"]
    if metafunc.definition.get_closest_marker("patches_the_emulator"):
        ways = ["thread"]
    elif metafunc.module.__name__.rpartition(".")[2] in BOTH_WAYS:
        ways = ["thread", "process"]
    metafunc.parametrize("shared_vendor", ways, indirect=True, scope="module")


@pytest.fixture(scope="module")
def shared_vendor(request: pytest.FixtureRequest) -> Iterator[testing.Running]:
    """An emulator, in this process or in one of its own."""
    with testing.start() if request.param == "thread" else testing.start_process() as running:
        yield running


@pytest.fixture
def caller(vendor: testing.Running) -> Caller:
    return Caller(vendor)


@pytest.fixture
def web() -> Callable[..., HttpReply]:
    """Plain HTTP: method, URL, body, headers."""
    return send
