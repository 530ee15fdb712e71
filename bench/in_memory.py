"""A bag of dependencies without a cloud: one record in memory, one object in a file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from bench.figure import BenchError
from liveproof.bucket_versions import ObjectVersion
from liveproof.checks.registry import build_vendors
from liveproof.clock import SystemClock
from liveproof.clouds.aws.admission import AlwaysAdmits
from liveproof.clouds.object_stream import ObjectStream
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.endpoint_health import Change, Report
from liveproof.domain.endpoint_permits import Endpoint, Permit, Turn
from liveproof.domain.filter import Filter
from liveproof.domain.ids import new_verification_id
from liveproof.domain.limits import Counts, Most
from liveproof.domain.states import Step
from liveproof.domain.verification import Input, Proof, Verification
from liveproof.environment import load
from liveproof.heartbeats import Heartbeat
from liveproof.ports import (
    Conflict,
    Due,
    IdempotencyClaim,
    Page,
    PresignedUpload,
    StoredObject,
    Window,
)
from liveproof.settings import Settings
from liveproof.use_cases.uploads import new_key

_REGION = "ap-southeast-1"


def _unexpected(what: str) -> BenchError:
    """What is measured must not ask for anything else."""
    return BenchError(f"proving an upload asked for {what}")


class OneRecord:
    """The Records port for one verification."""

    due_partitions = 1

    def __init__(self, verification: Verification) -> None:
        self._stored = verification

    def load(self, verification_id: str) -> Verification | None:
        return self._stored if verification_id == self._stored.id else None

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        if verification.version != self._stored.version:
            raise Conflict(verification.id)
        self._stored = replace(verification, version=verification.version + 1)
        return self._stored

    def due(self, before: int, limit: int) -> Iterator[Due]:
        raise _unexpected("due verifications")

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        raise _unexpected("a back-off")

    def claimed(self, key: str, now: int) -> tuple[str, str] | None:
        raise _unexpected("an idempotency key")

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        raise _unexpected("recent verifications")

    def delete_expired(self, now: int, limit: int) -> int:
        raise _unexpected("what to forget")


class FileBucket:
    """The Bucket port over one file, read through the adapters' stream."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        if proof is not None:
            raise _unexpected("a proven object")
        size = self._path.stat().st_size
        return ObjectStream(self._path.open("rb"), size, "etag", OSError)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        raise _unexpected("a stored object")

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        raise _unexpected("a URL")

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        raise _unexpected("a URL")

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        raise _unexpected("a list")

    def delete(self, version: ObjectVersion) -> None:
        raise _unexpected("a deletion")


class NoCloud:
    """The ports that nothing may need: all but Records, Bucket, Clock and Admission."""

    def beat(self, name: str, at: int, detail: str = "") -> None:
        raise _unexpected("a heartbeat")

    def last(self, name: str) -> Heartbeat | None:
        raise _unexpected("a heartbeat")

    def lookahead(self, now: int) -> Window | None:
        raise _unexpected("what is due")

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        raise _unexpected(f"the step {step.value}")

    def has_backlog(self, step: Step, check: str | None) -> bool:
        raise _unexpected("a backlog")

    def get(self, name: str) -> bytes:
        raise _unexpected("a secret")

    def refresh(self, name: str) -> bool:
        raise _unexpected("a secret")

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        raise _unexpected("a slot")

    def slow_down(self, name: str, now: int) -> None:
        raise _unexpected("a refusal")

    def probe(self, name: str, now: int) -> bool:
        raise _unexpected("a probe")

    def record_failure(self, name: str, now: int) -> bool:
        raise _unexpected("a failure")

    def record_success(self, name: str) -> bool:
        raise _unexpected("a success")

    def give_back_probe(self, name: str, now: int) -> bool:
        return False

    def load(self, client: str) -> Endpoint:
        raise _unexpected("an endpoint")

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        raise _unexpected("a permit")

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        raise _unexpected("the end of a permit")

    def record_test(self, client: str, report: Report, now: int) -> Change:
        raise _unexpected("the result of a test")

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        raise _unexpected("a webhook")


def declared(md5: str, size: int) -> tuple[Verification, str]:
    """A verification that awaits `live_data` with this MD5 and another input; the upload's key."""
    now = int(time.time() * 1000)
    verification_id = new_verification_id(now)
    keys = {name: new_key(verification_id, name) for name in ("live_data", "image")}
    inputs = {
        name: Input(md5=md5, size=size, content_type="application/gzip", keys=(key,))
        for name, key in keys.items()
    }
    verification = Verification(
        id=verification_id,
        client="bench",
        check="reflect",
        region="ap-singapore",
        created_at=now,
        expires_at=now + 900_000,
        due_at=now + 900_000,
        threshold=70.0,
        inputs=inputs,
    )
    return verification, keys["live_data"]


class NoLimits:
    """The Limits port, which nothing may need where no limit is set."""

    def take(self, counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        raise _unexpected("a counter")

    def counts(self, counter: str) -> Counts:
        raise _unexpected("a counter")

    def give_back(self, counter: str, back: Counts) -> None:
        raise _unexpected("a counter")

    def remember(self, digest: str, until: int) -> None:
        raise _unexpected("a digest")

    def remembered_until(self, digest: str, now: int) -> int | None:
        raise _unexpected("a digest")

    def forget(self, digest: str) -> None:
        raise _unexpected("a digest")


def bag_for(verification: Verification, bucket: FileBucket) -> Dependencies:
    """The bag that proves the verification's upload."""
    nothing = NoCloud()
    settings = _settings()
    vendors = build_vendors(settings, nothing)
    return Dependencies(
        settings=settings,
        clock=SystemClock(),
        records=OneRecord(verification),
        bucket=bucket,
        steps=nothing,
        secrets=nothing,
        quota=nothing,
        admission=AlwaysAdmits(),
        endpoints=nothing,
        heartbeats=nothing,
        limits=NoLimits(),
        webhook_sender=nothing,
        checks=vendors.checks,
        reflect_sequences=vendors.reflect_sequences,
    )


def _settings() -> Settings:
    names = (
        "BUCKET", "API_KEYS_SECRET", "WEBHOOKS_SECRET", "VENDOR_KEY_SECRET", "SENSEID_KEY_SECRET",
    )  # fmt: skip
    environment = {f"LIVEPROOF_{name}": "none" for name in names} | {
        "LIVEPROOF_CLOUD": "aws",
        "LIVEPROOF_REGION": _REGION,
        "LIVEPROOF_VENDOR_REGION": "ap-singapore",
        "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
        "LIVEPROOF_FILE_TRANSFER": "relay",
    }
    return load(Settings, environment, _REGION)
