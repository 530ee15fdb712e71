"""A check whose vendor follows a script."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from liveproof.checks.check import Answered, Check
from liveproof.checks.frames import Frame
from liveproof.checks.reading import Reading, interpret
from liveproof.checks.reflect import Reflect
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Challenge
from liveproof.outbound.connection import Connection
from liveproof.ports import Source
from liveproof.secret_documents import vendor_key
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import OutcomeUnknown, RelayFailed, VendorError
from liveproof.vendors.tencent.api import TencentApi
from tests.support.crash_points import CrashPoints
from tests.support.memory import MemoryClock, MemorySecrets

FRAME = b"\xff\xd8\xff\xe0 the best frame"
FRAME_MD5 = hashlib.md5(FRAME, usedforsecurity=False).hexdigest()

Scripted = Answer | Exception


def answer(
    code: str | None = "Success",
    similarity: object = 96.3,
    *,
    error: str | None = None,
    frame: bool = False,
    request_id: str | None = "request-1",
) -> Answer:
    """An answer as the vendor would give it."""
    response: dict[str, Any] = {"Sim": similarity, "RequestId": request_id}
    if code is not None:
        response["Result"] = code
    if frame:
        response["BestFrameUrl"] = "https://frames.invalid/best?q-signature=canary"
        response["BestFrameMd5"] = FRAME_MD5
    return Answer(response, error, request_id, 40)


def read_by(check: Check, answer: Answer, threshold: float | None = None) -> Reading:
    """What an answer means to a check; with its own threshold if there is none."""
    answered = check.read(answer)
    threshold = check.facts.threshold if threshold is None else threshold
    return interpret(check.facts, check.api, answered.code, answered.score, threshold)


class ScriptedCheck(Reflect):
    """`reflect` with its own reading of answers, and a vendor that is a list of outcomes.

    Attributes:
        script: what each call meets, in order; the last one stays.
        prepare_fails: what each preparation meets, in order; then they succeed.
        calls: how many calls reached the vendor.
        judged: for each of them, whether the vendor judged the person (and may bill for it).
        connected_at: when each call's connection was opened.
        connect_timeouts: how long opening it might take (s).
        called_at: when each call was sent.
        timeouts: what the preparations and the calls got (s), in their order.
    """

    def __init__(self, clock: MemoryClock, crash_points: CrashPoints | None = None) -> None:
        secrets = MemorySecrets({})
        super().__init__(
            TencentApi("https://vendor.invalid", "ap-singapore", vendor_key(secrets, "unused"))
        )
        self._clock = clock
        self._crash_points = crash_points or CrashPoints()
        self.script: list[Scripted] = [answer()]
        self.prepare_fails: list[VendorError] = []
        self.prepare_takes_ms = 300
        self.call_takes_ms = 900
        self.prepared = 0
        self.calls = 0
        self.judged: list[bool] = []
        self.connected_at: list[int] = []
        self.connect_timeouts: list[float] = []
        self.called_at: list[int] = []
        self.timeouts: list[float] = []
        self.frames: list[bytes | RelayFailed] = [FRAME]
        self.at_preparation: Callable[[], None] = lambda: None
        self.during_call: Callable[[], None] = lambda: None

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        with self._crash_points.around("check.prepare"):
            self.prepared += 1
            self.timeouts.append(timeout)
            self.at_preparation()
            for source in sources.values():
                with source.open() as stream:
                    stream.read(1)
            self._clock.advance(self.prepare_takes_ms)
            if self.prepare_fails:
                raise self.prepare_fails.pop(0)
            return {"ImageUrl": "https://vendor.invalid/image?q-signature=canary"}

    def connect(self, seconds: float) -> AbstractContextManager[None]:
        with self._crash_points.around("check.connect"):
            self.connected_at.append(self._clock.now())
            self.connect_timeouts.append(seconds)
            return nullcontext()

    def call(
        self,
        parameters: dict[str, Any],
        timeout: float,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        if wait is not None:
            wait()
        with self._crash_points.around("check.call"):
            self.called_at.append(self._clock.now())
            self.timeouts.append(timeout)
            met = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            self.calls += 1
            self.judged.append(self._judges(met))
            self.during_call()
            self._clock.advance(self.call_takes_ms)
            if isinstance(met, Exception):
                raise met
            return met

    def _judges(self, met: Scripted) -> bool:
        if not isinstance(met, Answer):
            return isinstance(met, OutcomeUnknown)
        return read_by(self, met, 0).outcome is CallOutcome.ANSWERED

    def read(self, answer: Answer) -> Answered:
        answered = super().read(answer)
        return replace(answered, frames=tuple(self.frame() for _ in answered.frames))

    def frame(self) -> Frame:
        """A frame whose bytes are the next of `frames`."""
        return Frame(self._open_frame)

    def _open_frame(self, timeout: float) -> bytes:
        with self._crash_points.around("frame.open"):
            met = self.frames.pop(0) if len(self.frames) > 1 else self.frames[0]
            if isinstance(met, RelayFailed):
                raise met
            return met
