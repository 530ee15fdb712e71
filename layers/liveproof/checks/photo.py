"""The `photo` check: DetectLiveFaceAccurate. Was a single photo taken of a live person?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.checks.check import Answered, refuse_challenge
from liveproof.checks.reading import score_in
from liveproof.checks.tencent import TencentCheck
from liveproof.domain.verification import Challenge
from liveproof.files.inline import base64_text
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.tencent.api import TencentApi

NAME = "photo"


class Photo(TencentCheck):
    """Liveness of a photo, sent in base64."""

    name = NAME
    face_model = "3.0"

    def __init__(self, client: TencentApi) -> None:
        super().__init__(client, "DetectLiveFaceAccurate")

    def validate(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        refuse_challenge(NAME, challenge)

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        with sources["image"].open() as stream:
            return {"Image": base64_text(stream), "FaceModelVersion": self.face_model}

    def read(self, answer: Answer) -> Answered:
        if answer.error is not None:
            return Answered(answer.error)
        # The API has no code for an answer; the table calls one with a score Success.
        code = "Success" if "Score" in answer.response else None
        score = score_in(answer.response.get("Score"), 0, self.facts.threshold_max)
        return Answered(code, score)
