"""The `reflect` check: DetectReflectLivenessAndCompare.

The mobile SDK's light-reflection packet (`live_data`) is judged for liveness and its face compared
with `image`. Both files must lie in COS in the call's region: the deployment's own bucket, or the
vendor's storage that they are relayed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.checks.check import Frame, NotWhatTheCheckNeeds
from liveproof.checks.faceid import FaceIdCheck, frame_at
from liveproof.domain.verification import Challenge
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.files import VendorFiles

NAME = "reflect"


class Reflect(FaceIdCheck):
    """Liveness by reflected light, and comparison with a photo."""

    name = NAME

    def __init__(self, api: TencentApi, files: VendorFiles | None = None) -> None:
        super().__init__(api, "DetectReflectLivenessAndCompare", files)

    def require(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        if challenge is not None:
            raise NotWhatTheCheckNeeds("reflect takes no challenge", "challenge")

    def relayed(self, sizes: Mapping[str, int]) -> int:
        return self._uploads(len(sizes))

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        for name, prefix in (("live_data", "LiveData"), ("image", "Image")):
            source = sources[name]
            url = self._files.url_of(self.api.action, source, timeout / 2)
            parameters[f"{prefix}Url"] = url
            parameters[f"{prefix}Md5"] = source.md5
        return parameters

    def frames_of(self, answer: Answer) -> tuple[Frame, ...]:
        return frame_at(answer.response.get("BestFrameUrl"), answer.response.get("BestFrameMd5"))
