"""The `reflect` check: DetectReflectLivenessAndCompare.

The mobile SDK's light-reflection packet (`live_data`) is judged for liveness and its face compared
with `image`. Both files must lie in COS in the call's region: the deployment's own bucket, or the
vendor's storage that they are relayed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.checks.check import refuse_challenge
from liveproof.checks.faceid import FaceIdCheck, FileAccess
from liveproof.checks.frames import Frame, frame_at
from liveproof.domain.verification import Challenge
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.tencent.api import TencentApi

NAME = "reflect"


class Reflect(FaceIdCheck):
    """Liveness by reflected light, and comparison with a photo."""

    name = NAME

    def __init__(self, api: TencentApi, files: FileAccess | None = None) -> None:
        super().__init__(api, "DetectReflectLivenessAndCompare", files)

    def validate(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        refuse_challenge(NAME, challenge)

    def relay_count(self, sizes: Mapping[str, int]) -> int:
        return self._uploads(len(sizes))

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        live_data, image = sources["live_data"], sources["image"]
        urls = self._urls_for(self.api.action, [live_data, image], timeout)
        return {
            "LiveDataUrl": urls[0],
            "LiveDataMd5": live_data.md5,
            "ImageUrl": urls[1],
            "ImageMd5": image.md5,
        }

    def _frames(self, answer: Answer) -> tuple[Frame, ...]:
        response = answer.response
        return frame_at(self._relay, response.get("BestFrameUrl"), response.get("BestFrameMd5"))
