"""The `silent` check: SenseID's silent_image_verification, in a private cloud.

Video and photo go encrypted in one request. "Not live" comes in two ways: code 4007, or code 1000
with `passed` false and a `liveness_status`. With `passed` true only the status `ok` passes. The
request asks for the status, so an answer without it is incomplete. Any other is an unknown code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from liveproof import facts
from liveproof.checks.check import Answered, refuse_challenge
from liveproof.checks.frames import inline_frames
from liveproof.checks.reading import score_in
from liveproof.domain.verification import Challenge
from liveproof.facts import ApiFacts, CheckFacts
from liveproof.ports import Source
from liveproof.vendors.answer import Answer, sanitize
from liveproof.vendors.senseid.api import SenseId

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection

NAME = "silent"
REGION = "private"
"""The vendor's service runs in the team's own network: no region of a cloud."""

_PASSED_CODE = 1000
_LIVE = "ok"
_NOT_LIVE = ("hack", "short_time")


class Silent:
    """Silent liveness in a video, and comparison with a photo."""

    name = NAME
    face_model = None

    def __init__(self, senseid: SenseId) -> None:
        self._senseid = senseid

    @property
    def facts(self) -> CheckFacts:
        return facts.checks()[NAME]

    @property
    def api(self) -> ApiFacts:
        return facts.apis()[self.facts.apis[0]]

    @property
    def region(self) -> str:
        return REGION

    @property
    def called_region(self) -> str:
        return REGION

    def validate(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        refuse_challenge(NAME, challenge)

    def relay_count(self, sizes: Mapping[str, int]) -> int:
        return 0

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        plain = {"return_status": "true", "return_image": "true", "auto_rotate": "true"}
        with sources["video"].open() as video, sources["image"].open() as image:
            form = self._senseid.form({"encrypted_video": video, "encrypted_image": image}, plain)
        return {"form": form}

    def connect(self, seconds: float) -> AbstractContextManager[Connection | None]:
        return self._senseid.connect(seconds)

    def call(
        self,
        parameters: dict[str, Any],
        timeout: float,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        return self._senseid.call(self.api.action, parameters["form"], timeout, connection, wait)

    def read(self, answer: Answer) -> Answered:
        code, score = self._code(answer), None
        if code == str(_PASSED_CODE):
            score = score_in(answer.response.get("verification_score"), 0, self.facts.threshold_max)
        return Answered(code, score, inline_frames(answer.response.get("base64_image")))

    def _code(self, answer: Answer) -> str | None:
        if answer.error is not None:
            return answer.error
        passed, status = answer.response.get("passed"), answer.response.get("liveness_status")
        if passed is False:
            return str(status) if status in _NOT_LIVE else "not_passed"
        if passed is not True or status is None or status in _NOT_LIVE:
            # The answer lacks a field, or contradicts itself.
            return None
        if status == _LIVE:
            return str(_PASSED_CODE)
        # With this prefix the code is in no table.
        text = f"liveness_status={status}" if isinstance(status, str) else "liveness_status"
        return sanitize(text)
