"""A whole deployment in memory: create, upload, run whatever the steps and the sweep ask for."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from liveproof.checks.registry import build_vendors
from liveproof.dependencies import Dependencies
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.states import Step
from liveproof.domain.verification import Decision, Verification
from liveproof.endpoints import policy_of
from liveproof.secret_documents import ApiClient
from liveproof.settings import Settings
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.use_cases.erase import erase
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.sweep import GRACE_MS, sweep
from liveproof.use_cases.verify_upload import object_created, uploads_due
from tests.support.checks import ScriptedCheck
from tests.support.crash_points import CrashPoints, Killed
from tests.support.endpoints import MemoryEndpoint
from tests.support.memory import (
    MemoryClock,
    MemoryHeartbeats,
    MemorySecrets,
    MemorySteps,
    StepRequest,
)
from tests.support.memory_admission import MemoryAdmission
from tests.support.memory_bucket import MemoryBucket
from tests.support.memory_endpoints import MemoryEndpoints
from tests.support.memory_limits import MemoryLimits
from tests.support.memory_quota import MemoryQuota
from tests.support.memory_records import MemoryRecords

API_KEY = "lp_test_key"
CLIENT = "shop"
WEBHOOK_KEY = bytes(range(32))
WEBHOOK_SECRET = "whsec_" + base64.b64encode(WEBHOOK_KEY).decode()
IMAGE = b"\xff\xd8\xff\xe0" + b"image" * 40
LIVE_DATA = b"\x1f\x8b\x08" + b"light" * 60
FILES = {"live_data": LIVE_DATA, "image": IMAGE}
CONTENT_TYPES = {"live_data": "application/octet-stream", "image": "image/jpeg"}
TIMEOUT_MS = {
    Step.VERIFY_UPLOAD: 60_000,
    Step.RUN_CHECK: 120_000,
    Step.DELIVER_RESULT: 60_000,
    Step.ERASE: 60_000,
}

PERMITS = 30
"""How many verifications of a check may be worked on at once."""

HOUR_MS = 60 * 60 * 1000
PAID = "faceid.DetectReflectLivenessAndCompare.ap-singapore"
"""The quota's name of the paid call."""
FREE = "faceid.CreateUploadUrl.ap-singapore"
"""The quota's name of the free requests before it."""


def verdict_code(verification: Verification) -> tuple[Decision, str]:
    assert verification.verdict is not None
    return verification.verdict.decision, verification.verdict.reason.code


def settings(**changes: Any) -> Settings:
    """Settings that a deployment may have."""
    values: dict[str, Any] = {
        "cloud": "aws",
        "region": "ap-southeast-1",
        "vendor_region": "ap-singapore",
        "vendor_endpoint": "https://faceid.intl.tencentcloudapi.com",
        "file_transfer": "relay",
        "bucket": "uploads-bucket",
        "api_keys_secret": "api-keys",
        "webhooks_secret": "webhooks",
        "vendor_key_secret": "vendor-key",
        "senseid_key_secret": "senseid-key",
    }
    return Settings(**{**values, **changes})


def md5_of(body: bytes) -> str:
    """32 hex digits."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def declared(files: Mapping[str, bytes] = FILES) -> dict[str, DeclaredInput]:
    """The inputs of a request for these files."""
    return {
        name: DeclaredInput(md5_of(body), len(body), CONTENT_TYPES[name])
        for name, body in files.items()
    }


def secret_values(**clients: dict[str, Any]) -> dict[str, bytes]:
    """The deployment's secrets for client `shop`, and others with an API key each."""
    keys = {CLIENT: {"keys_sha256": [hashlib.sha256(API_KEY.encode()).hexdigest()]}, **clients}
    endpoint = {"url": "https://shop.example/hooks", "secrets": [WEBHOOK_SECRET]}
    return {
        "api-keys": json.dumps({"clients": keys}).encode(),
        "webhooks": json.dumps({"endpoints": {CLIENT: endpoint}}).encode(),
        "vendor-key": b'{"secret_id": "AKIDexample", "secret_key": "example"}',
    }


class Deployment:
    """Everything that a use case touches, and the means to look at it."""

    def __init__(self, **changes: Any) -> None:
        self.crash_points = CrashPoints()
        self.clock = MemoryClock()
        self.records = MemoryRecords(self.crash_points)
        self.bucket = MemoryBucket(self.crash_points)
        self.steps = MemorySteps(self.crash_points)
        self.secrets = MemorySecrets(secret_values(), self.crash_points)
        self.quota = MemoryQuota(self.crash_points)
        self.admission = MemoryAdmission(self.records, PERMITS, self.crash_points)
        self.endpoints = MemoryEndpoints(policy_of(settings(**changes)), self.crash_points)
        self.heartbeats = MemoryHeartbeats(self.crash_points)
        self.limits = MemoryLimits(self.crash_points)
        self.check = ScriptedCheck(self.clock, self.crash_points)
        self.endpoint = MemoryEndpoint(self.clock, self.crash_points)
        self.dependencies = Dependencies(
            settings=settings(**changes),
            clock=self.clock,
            records=self.records,
            bucket=self.bucket,
            steps=self.steps,
            secrets=self.secrets,
            quota=self.quota,
            admission=self.admission,
            endpoints=self.endpoints,
            heartbeats=self.heartbeats,
            limits=self.limits,
            webhook_sender=self.endpoint,
            checks={"reflect": self.check},
            reflect_sequences=build_vendors(settings(**changes), self.secrets).reflect_sequences,
        )

    def create(self, files: Mapping[str, bytes] = FILES, **changes: Any) -> Verification:
        """A new verification of client `shop`."""
        request = CreateVerification(check="reflect", inputs=declared(files), **changes)
        verification, _ = create_verification(
            self.dependencies, CLIENT, ApiClient(("0" * 64,)), request, None
        )
        return verification

    def put(self, verification: Verification, name: str, body: bytes | None = None) -> str:
        """The app's upload; the key that a bucket event would tell."""
        key = self.load(verification.id).inputs[name].keys[-1]
        self.bucket.objects[key] = FILES[name] if body is None else body
        return key

    def upload(self, verification: Verification, name: str, body: bytes | None = None) -> str:
        """The app's upload with its event."""
        key = self.put(verification, name, body)
        object_created(self.dependencies, key)
        return key

    def ready(self, **changes: Any) -> Verification:
        """A verification whose inputs are proven."""
        verification = self.create(**changes)
        for name in FILES:
            self.upload(verification, name)
        self.steps.take()
        return self.load(verification.id)

    def load(self, verification_id: str) -> Verification:
        """The verification as stored; no moment of the crash_points."""
        return self.records.peek(verification_id)

    def run_check(self, verification: Verification, seconds: float = 120) -> Verification:
        """One run of the step, in a function with this much time; the verification after it."""
        run_check(self.dependencies, verification.id, self.clock.now() + round(seconds * 1000))
        return self.load(verification.id)

    def deliver(self, verification: Verification) -> Verification:
        """One run of the step; the verification after it."""
        deliver_result(self.dependencies, verification.id, self.clock.now() + 60_000)
        return self.load(verification.id)

    def perform(self, request: StepRequest) -> None:
        """Run a requested step, as its function would."""
        deadline = self.clock.now() + TIMEOUT_MS[request.step]
        if request.step is Step.VERIFY_UPLOAD:
            uploads_due(self.dependencies, request.id, deadline)
        elif request.step is Step.RUN_CHECK:
            run_check(self.dependencies, request.id, deadline)
        elif request.step is Step.ERASE:
            erase(self.dependencies, request.id, deadline)
        else:
            deliver_result(self.dependencies, request.id, deadline)

    def survive(self, work: Callable[[], object]) -> None:
        """Do something that may be stopped; its function is gone then, and nothing else."""
        try:
            work()
        except BaseException as error:
            if not isinstance(error, Killed) and not self.crash_points.caused(error):
                raise

    def handle(
        self,
        events: Sequence[Callable[[], object]],
        order: random.Random,
        copies: int,
        *,
        messages: bool = True,
    ) -> None:
        """Handle events and the messages that follow, each several times, in a random order.

        No message is handled before its time. A function that is stopped loses what it handled;
        nobody sends it again.

        Args:
            messages: False loses every message.
        """
        waiting: list[tuple[int, Callable[[], object]]] = [(0, event) for event in events] * copies
        while waiting:
            now = self.clock.now()
            ready = [number for number, (at, _) in enumerate(waiting) if at <= now]
            if not ready:
                self.clock.sleep_until(min(at for at, _ in waiting))
                continue
            _, work = waiting.pop(order.choice(ready))
            self.clock.advance(order.randint(0, 2_000))
            self.survive(work)
            requests = self.steps.take() if messages else []
            for one in requests:
                waiting += [(one.at or 0, partial(self.perform, one))] * copies

    def settle(self, *, messages: bool = True, rounds: int = 400) -> None:
        """Let time pass until nothing is due any more.

        Args:
            messages: False loses every message, so that only the sweep moves things.
        """
        for _ in range(rounds):
            requests = self.steps.take()
            if messages and requests:
                for one in sorted(requests, key=lambda one: one.at or 0):
                    self.clock.sleep_until(one.at or 0)
                    self.survive(partial(self.perform, one))
                continue
            due = [row.due_at for row in self.records.rows.values() if row.due_at is not None]
            if not due:
                return
            self.clock.sleep_until(min(due) + GRACE_MS)
            self.survive(self._sweep)
            for one in self.steps.take():
                self.survive(partial(self.perform, one))
        raise AssertionError("never came to rest")

    def _sweep(self) -> None:
        sweep(self.dependencies, self.clock.now() + 50_000)
