"""A real check whose vendor answers as the emulator did once, without the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from liveproof.checks.check import Answered, Check
from liveproof.checks.frames import Frame
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Challenge
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import OutcomeUnknown, RelayFailed, VendorError
from tests.support.checks import read_by
from tests.support.crash_points import CrashPoints
from tests.support.memory import MemoryClock


class RecordingCheck:
    """A check that keeps what its vendor said."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.answers: list[Answer] = []
        self.fetched: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._check, name)

    def call(self, parameters: dict[str, Any], timeout: float) -> Answer:
        self.answers.append(self._check.call(parameters, timeout))
        return self.answers[-1]

    def read(self, answer: Answer) -> Answered:
        answered = self._check.read(answer)
        frames = tuple(Frame(partial(self._open, frame)) for frame in answered.frames)
        return replace(answered, frames=frames)

    def _open(self, frame: Frame, timeout: float) -> bytes:
        self.fetched.append(frame.open(timeout))
        return self.fetched[-1]


class ReplayedCheck:
    """The same check with those answers, each of its operations a moment of the crash_points.

    Attributes:
        script: what each call meets, in order; the last one stays.
        prepare_fails: what each preparation meets, in order; then they succeed.
        judged: for each call whether the vendor judged the person (and may bill for it).
        fetch_fails: the frames cannot be had.
    """

    def __init__(
        self, recorded: RecordingCheck, clock: MemoryClock, crash_points: CrashPoints
    ) -> None:
        self._check = recorded
        self._clock = clock
        self._crash_points = crash_points
        self.script: list[Answer | Exception] = [recorded.answers[-1]]
        self.prepare_fails: list[VendorError] = []
        self.judged: list[bool] = []
        self.fetch_fails = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._check, name)

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        with self._crash_points.around("check.prepare"):
            for source in sources.values():
                with source.open() as stream:
                    stream.read(1)
            self._clock.advance(200)
            if self.prepare_fails:
                raise self.prepare_fails.pop(0)
            return {}

    def call(self, parameters: dict[str, Any], timeout: float) -> Answer:
        with self._crash_points.around("check.call"):
            met = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            self.judged.append(self._judges(met))
            self._clock.advance(900)
            if isinstance(met, Exception):
                raise met
            return met

    def _judges(self, met: Answer | Exception) -> bool:
        if not isinstance(met, Answer):
            return isinstance(met, OutcomeUnknown)
        return read_by(self._check, met, 0).outcome is CallOutcome.ANSWERED

    def read(self, answer: Answer) -> Answered:
        answered = self._check.read(answer)
        return replace(answered, frames=tuple(Frame(self._open) for _ in answered.frames))

    def _open(self, timeout: float) -> bytes:
        with self._crash_points.around("frame.open"):
            if self.fetch_fails:
                raise RelayFailed("the frame is gone")
            return self._check.fetched[0]
