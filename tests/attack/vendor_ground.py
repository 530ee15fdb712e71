"""A vendor that answers as the row says, and one verification of the real check against it."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from liveproof.checks.registry import build_vendors
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.verification import Verification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.verify_upload import object_created
from liveproof_emulator import testing
from liveproof_emulator.senseid.cipher import published
from tests.support.deployment import CLIENT, Deployment, md5_of, settings
from tests.support.servers import RawServer, http, read_request, serving
from tools.local.cloud import LocalCloud

REGION_HOST = "cos.ap-singapore.myqcloud.com"
FRAME = testing.photo()
_MAKE: dict[str, Callable[[], bytes]] = {
    "live_data": testing.live_data,
    "video": testing.video,
    "image": testing.photo,
}
_TYPES = {"live_data": "application/octet-stream", "video": "video/mp4", "image": "image/jpeg"}

Serve = Callable[[Any], None]


@dataclass(frozen=True)
class Way:
    """How one check is judged.

    Attributes:
        check, changes: the check, and the settings that choose its API.
        passing: the fields of a vendor's answer that passes.
        relayed: whether the files are brought to the vendor's storage first.
    """

    name: str
    check: str
    changes: Mapping[str, Any]
    passing: Mapping[str, Any]
    relayed: bool = False

    @property
    def senseid(self) -> bool:
        return self.check == "silent"

    def answer(self, **fields: Any) -> bytes:
        """The body of a passing answer with other fields; Ellipsis leaves a field out."""
        made = {n: v for n, v in {**self.passing, **fields}.items() if v is not ...}
        return json.dumps(made if self.senseid else {"Response": made}).encode()


_FACE = {"Result": "Success", "Description": "", "Sim": 98.0, "RequestId": "request-1"}
WAYS = {
    way.name: way
    for way in (
        Way("photo", "photo", {}, {"Score": 98.0, "RequestId": "request-1"}),
        Way("CompareFaceLiveness", "video", {"video_api": "CompareFaceLiveness"}, _FACE),
        Way("LivenessCompare", "video", {"video_api": "LivenessCompare"}, _FACE),
        Way("VideoLivenessCompare", "video", {}, _FACE, relayed=True),
        Way("reflect", "reflect", {}, _FACE, relayed=True),
        Way("silent", "silent", {}, {
            "code": 1000, "passed": True, "liveness_status": "ok", "liveness_score": 0.01,
            "verification_score": 0.93, "request_id": "request-1",
        }),
    )
}  # fmt: skip
TENCENT = tuple(name for name in WAYS if name != "silent")


@dataclass
class Vendor:
    """A vendor's API and storage on 127.0.0.1: honest but for `paid` and what a row replaces.

    Attributes:
        paid: serves the paid call, whose request was read.
        upload_urls: what CreateUploadUrl answers; None for its own storage.
        stored: serves a PUT to the storage.
        frame: serves a GET, such as that of a best frame.
        requests: the first line of each request, and the length of its body.
    """

    paid: Serve
    upload_urls: Callable[[], Mapping[str, Any]] | None = None
    created: Serve | None = None
    stored: Serve | None = None
    frame: Serve | None = None
    requests: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0

    def serve(self, connection: Any) -> None:
        received = read_request(connection)
        if not received:
            return
        head, _, body = received.partition(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0].decode("latin-1")
        action = _header(head, b"x-tc-action") or first.split(" ")[0]
        self.requests.append((action, len(body)))
        if action == "CreateUploadUrl":
            if self.created is not None:
                self.created(connection)
                return
            urls = (self.upload_urls or self.own_urls)()
            connection.sendall(json_answer({"Response": {**urls, "RequestId": "r"}}))
        elif first.startswith("PUT "):
            (self.stored or answering(http(200)))(connection)
        elif first.startswith("GET "):
            (self.frame or answering(http(200, FRAME)))(connection)
        else:
            self.paid(connection)

    def own_urls(self) -> Mapping[str, Any]:
        url = f"http://127.0.0.1:{self.port}/bucket.{REGION_HOST}/file"
        return {"UploadUrl": url, "ResourceUrl": url}

    def paid_requests(self) -> int:
        free = ("CreateUploadUrl", "PUT", "GET")
        return sum(action not in free for action, _ in self.requests)


@dataclass(frozen=True)
class Judged:
    """What one run of the step came to."""

    verification: Verification
    vendor: Vendor
    failed: str
    kept: tuple[bytes, ...]

    @property
    def decision(self) -> str:
        verdict = self.verification.verdict
        return verdict.decision.value if verdict else ""

    @property
    def reason(self) -> str:
        verdict = self.verification.verdict
        return verdict.reason.code if verdict else ""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Of each call in the ledger; `called` while it is not settled."""
        return tuple(
            call.outcome.value if call.outcome else call.state.value
            for call in self.verification.calls
        )

    def summary(self) -> str:
        words = [self.failed, f"{self.decision} {self.reason}".strip() or "undecided",
                 "calls: " + (", ".join(self.outcomes) or "none")]  # fmt: skip
        paid = self.vendor.paid_requests()
        if paid != len(self.outcomes):
            words.append(f"paid requests: {paid}")
        return "; ".join(word for word in words if word)


def answering(answer: bytes) -> Serve:
    """Sends these bytes; the request was read."""
    return lambda connection: connection.sendall(answer)


def json_answer(document: Any, **headers: str) -> bytes:
    """An HTTP answer with a JSON body; `Content_Type` and others may be given."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return http(200, body, **{"Content_Type": "application/json", **headers})


def judge(
    way: Way, vendor: Vendor, *, rounds: int = 1, timeout: int = 2, seconds: float = 120
) -> Judged:
    """One verification, proven, and so many runs of its check against this vendor.

    Args:
        timeout: the deployment's `callTimeoutSeconds`, seconds.
        seconds: a run's time as its function has it.
    """
    deployment = Deployment()
    failed = ""
    with serving(vendor.serve) as server:
        vendor.port = server.port
        url = f"http://127.0.0.1:{server.port}"
        made = settings(
            vendor_endpoint=url, iai_endpoint=url, senseid_url=url, call_timeout_seconds=timeout,
            webhook_address_policy="any", **way.changes,
        )  # fmt: skip
        cipher = published()
        key = {"secret_id": "AKIDexample", "secret_key": "exampleKey"}
        deployment.secrets.values["vendor-key"] = json.dumps(key).encode()
        deployment.secrets.values["senseid-key"] = json.dumps(
            {"key": cipher.key, "iv": cipher.iv}
        ).encode()
        deployment.dependencies = replace(
            deployment.dependencies,
            settings=made,
            checks=build_vendors(made, deployment.secrets).checks,
        )
        verification = _proven(deployment, way)
        for _ in range(rounds):
            try:
                verification = deployment.run_check(verification, seconds)
            except Exception as error:  # noqa: BLE001 - that is what the row is about
                failed = f"raised {type(error).__name__}"
                break
            if verification.verdict is not None or verification.due_at is None:
                break
            deployment.clock.sleep_until(verification.due_at)
        server.ended.set()
    verification = deployment.load(verification.id)
    kept = tuple(
        body for name, body in deployment.bucket.objects.items() if name.startswith("evidence/")
    )
    return Judged(verification, vendor, failed, kept)


def _proven(deployment: Deployment, way: Way) -> Verification:
    needed = deployment.dependencies.checks[way.check].facts.inputs
    files = {name: _MAKE[name]() for name in needed}
    request = CreateVerification(
        check=way.check,
        inputs={
            name: DeclaredInput(md5_of(body), len(body), _TYPES[name])
            for name, body in files.items()
        },
    )
    made, _ = create_verification(
        deployment.dependencies, CLIENT, ApiClient(("0" * 64,)), request, None
    )
    for name, body in files.items():
        uploaded = made.inputs[name].keys[0]
        deployment.bucket.objects[uploaded] = body
        object_created(deployment.dependencies, uploaded)
    return deployment.load(made.id)


class Victim:
    """Somebody else's server: what reaches it. It would answer every request well."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.received: list[bytes] = []
        self._server: RawServer | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.port

    @property
    def connections(self) -> int:
        assert self._server is not None
        return self._server.connections

    def _serve(self, connection: Any) -> None:
        connection.settimeout(1)
        with suppress(OSError):
            self.received.append(read_request(connection))
        connection.sendall(self._answer)

    @contextmanager
    def listening(self) -> Iterator[Victim]:
        with serving(self._serve) as server:
            self._server = server
            yield self


def base64_of(body: bytes) -> str:
    return base64.b64encode(body).decode()


def hex_md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _header(head: bytes, name: bytes) -> str:
    for line in head.split(b"\r\n")[1:]:
        field_name, _, value = line.partition(b":")
        if field_name.strip().lower() == name:
            return value.strip().decode("latin-1")
    return ""


def stopping(connection: Any, parts: Iterator[bytes], every: float) -> None:
    """Sends a part now and then, until the other side has had enough."""
    waiting = threading.Event()
    with suppress(OSError):
        for part in parts:
            connection.sendall(part)
            waiting.wait(every)


@contextmanager
def standing(cloud: LocalCloud | None) -> Iterator[None]:
    """Nothing: each row has its own vendor."""
    yield None
