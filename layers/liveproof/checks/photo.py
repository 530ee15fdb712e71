"""The `photo` check: DetectLiveFaceAccurate. Was a single photo taken of a live person?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.checks import reading
from liveproof.checks.check import Frame, NotWhatTheCheckNeeds
from liveproof.checks.tencent import TencentCheck
from liveproof.domain.verification import Challenge
from liveproof.files.inline import base64_text
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi

NAME = "photo"


class Photo(TencentCheck):
    """Liveness of a photo, sent in base64."""

    name = NAME
    face_model = "3.0"

    def __init__(self, client: TencentApi) -> None:
        super().__init__(client, "DetectLiveFaceAccurate")

    def require(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        if challenge is not None:
            raise NotWhatTheCheckNeeds("photo takes no challenge", "challenge")

    def relayed(self, sizes: Mapping[str, int]) -> int:
        return 0

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        with sources["image"].open() as stream:
            return {"Image": base64_text(stream), "FaceModelVersion": self.face_model}

    def code_of(self, answer: Answer) -> str | None:
        # The API has no code for an answer; the table calls one with a score Success.
        if answer.error is not None:
            return answer.error
        return "Success" if "Score" in answer.response else None

    def score_of(self, answer: Answer) -> float | None:
        if answer.error is not None:
            return None
        return reading.score_in(answer.response.get("Score"), 0, self.facts.threshold_max)

    def frames_of(self, answer: Answer) -> tuple[Frame, ...]:
        return ()

    def fetch(self, frame: Frame, timeout: float) -> bytes:
        raise RelayFailed("this API offers no frame")
