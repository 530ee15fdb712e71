"""The `reflect` check: DetectReflectLivenessAndCompare.

The mobile SDK's light-reflection packet (`live_data`) is judged for liveness and its face compared
with `image`. Both files must lie in COS in the call's region, so they are relayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof import facts
from liveproof.checks.check import Frame, Reading, Source, read_code, score_in
from liveproof.facts import CheckFacts
from liveproof.vendors.tencent.api import Answer, TencentApi, word
from liveproof.vendors.tencent.relay import Relay

NAME = "reflect"
_MAX_FRAME_BYTES = 10 * 1024 * 1024


class Reflect:
    """The check, bound to the vendor's pinned region."""

    def __init__(self, api: TencentApi) -> None:
        self._api = api
        self._relay = Relay(api)

    @property
    def name(self) -> str:
        return NAME

    @property
    def facts(self) -> CheckFacts:
        return facts.checks()[NAME]

    def prepare(self, sources: Mapping[str, Source], timeout: float) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        for name, prefix in (("live_data", "LiveData"), ("image", "Image")):
            source = sources[name]
            with source.open() as stream:
                url = self._relay.upload(self.facts.action, stream, source.md5, timeout / 2)
            parameters[f"{prefix}Url"] = url
            parameters[f"{prefix}Md5"] = source.md5
        return parameters

    def call(self, parameters: dict[str, Any], timeout: float) -> Answer:
        known = self.facts
        return self._api.call(known.service, known.version, known.action, parameters, timeout)

    def read(self, code: str | None, similarity: float | None, threshold: float) -> Reading:
        return read_code(facts.faceid_codes(), code, similarity, threshold)

    def code_of(self, answer: Answer) -> str | None:
        if answer.error is not None:
            return answer.error
        result = answer.response.get("Result")
        return word(result) if isinstance(result, str) and result else None

    def similarity_of(self, answer: Answer) -> float | None:
        entry = facts.faceid_codes().get(self.code_of(answer) or "")
        if entry is None or not entry.scored:
            return None
        return score_in(answer.response.get("Sim"), 0, 100)

    def frame_of(self, answer: Answer) -> Frame | None:
        url, md5 = answer.response.get("BestFrameUrl"), answer.response.get("BestFrameMd5")
        if isinstance(url, str) and url and isinstance(md5, str) and md5:
            return Frame(url, md5)
        return None

    def fetch(self, frame: Frame, timeout: float) -> bytes:
        return self._relay.download(frame.url, frame.md5, _MAX_FRAME_BYTES, timeout)
