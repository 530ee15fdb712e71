"""A verification's way through the local cloud, as a team's server and app go it."""

from __future__ import annotations

import hashlib
import random
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from liveproof.domain.states import Step
from tests.support.api import Api, ApiError
from tools.demo import samples
from tools.demo.samples import Sample
from tools.demo.scenarios import Files
from tools.demo.user_files import UserFiles
from tools.http_client import put
from tools.local.cloud import LocalCloud

_SWEEP_SECONDS = 2.0
PAID_ACTION = "DetectReflectLivenessAndCompare"


class Client:
    """What tests do with a running local cloud."""

    def __init__(self, cloud: LocalCloud, nonce: random.Random) -> None:
        self.cloud = cloud
        self.api = Api(cloud.api, cloud.api_key)
        self._nonce = nonce

    def files(self, scenario: str | None = None, check: str = "reflect") -> dict[str, Sample]:
        if check == "reflect":
            return {
                "live_data": samples.packet(scenario, self._nonce, size=20_000),
                "image": samples.photo(None, self._nonce),
            }
        return Files(self._nonce, UserFiles()).samples(check, scenario)

    def create(
        self, files: Mapping[str, Sample], check: str = "reflect", **body: Any
    ) -> dict[str, Any]:
        inputs = {name: sample.declaration() for name, sample in files.items()}
        return self.api.create({"check": check, "inputs": inputs, **body})

    def upload(self, created: Mapping[str, Any], files: Mapping[str, Sample]) -> None:
        for name, sample in files.items():
            answer = put(created["uploads"][name], sample.data)
            assert answer.status == 200, answer.body

    def start(
        self, scenario: str | None = None, check: str = "reflect", **body: Any
    ) -> dict[str, Any]:
        """Create a verification and upload its files."""
        files = self.files(scenario, check)
        created = self.create(files, check, **body)
        self.upload(created, files)
        return created

    def start_against_odds(
        self, scenario: str | None = None, check: str = "reflect"
    ) -> dict[str, Any]:
        """The same while workers are killed: asked again with the same idempotency key."""
        files = self.files(scenario, check)
        inputs = {name: sample.declaration() for name, sample in files.items()}
        key = secrets.token_hex(16)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                created = self.api.create({"check": check, "inputs": inputs}, key)
            except (ApiError, OSError):
                continue
            self.upload(created, files)
            return created
        raise AssertionError("the API did not answer for two minutes")

    def outcome(
        self, verification_id: str, seconds: float = 60, *, sweeping: bool = False
    ) -> dict[str, Any]:
        """The verification once its webhook has been delivered.

        Args:
            sweeping: sweep every two seconds. What nobody asked for a step for is then done ten
                seconds after its time, and not at the end of the schedule's minute.
        """
        deadline = time.monotonic() + seconds
        swept = 0.0
        while True:
            if sweeping and time.monotonic() > swept + _SWEEP_SECONDS:
                self.cloud.deployment.sweep()
                swept = time.monotonic()
            seen = self.api.read(verification_id)
            if seen["delivery"] and seen["delivery"]["state"] == "delivered":
                return seen
            assert time.monotonic() < deadline, f"not delivered in {seconds} s: {seen}"
            time.sleep(0.3)

    def webhooks(self, verification_id: str) -> list[dict[str, Any]]:
        """The verified webhooks about a verification."""
        received = self.cloud.receiver.of(verification_id)
        assert all(webhook.verified for webhook in received)
        return [webhook.payload() for webhook in received]

    def kept_frame(self, seen: Mapping[str, Any]) -> bytes:
        """The best frame of a decided verification, from the bucket; its MD5 is the promised."""
        (frame,) = seen["evidence"]["frames"]
        body = self.cloud.deployment.stored(frame["key"])
        assert hashlib.md5(body, usedforsecurity=False).hexdigest() == frame["md5"]
        assert len(body) == frame["size"]
        return body

    def paid_calls(self, action: str = PAID_ACTION) -> list[dict[str, Any]]:
        return [call for call in self.cloud.emulator.calls() if call["action"] == action]

    def codes(self) -> Counter[str]:
        """How often each code was answered to a vendor call of any kind."""
        return Counter(str(call["code"]) for call in self.cloud.emulator.calls())

    def replay_uploads(self, created: Mapping[str, Any], times: int = 1) -> None:
        """The bucket's events of a verification again."""
        for upload in created["uploads"].values():
            self.cloud.deployment.object_created(upload["url"], times)

    def replay(self, created: Mapping[str, Any], times: int) -> None:
        """Every event of a verification again: the bucket's, and each step's message."""
        self.replay_uploads(created, times)
        deployment = self.cloud.deployment
        for step in Step:
            deployment.send(step, {"id": created["id"]}, times)

    def wait_until_drained(self, seconds: float = 60) -> None:
        """Until every message that was sent has been handled."""
        deadline = time.monotonic() + seconds
        while waiting := self.cloud.deployment.waiting():
            assert time.monotonic() < deadline, f"{waiting} messages still wait"
            time.sleep(0.5)
