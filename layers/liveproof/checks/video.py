"""The `video` check: a recorded face against a photo, by one of three APIs.

VideoLivenessCompare (the default) reads its files from COS in the call's region: the deployment's
own bucket, or the vendor's storage that they are relayed to. CompareFaceLiveness takes base64 only.
LivenessCompare, the vendor's legacy API for accounts that have it, takes base64, and files that are
too large for it from the vendor's storage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from liveproof.checks.check import CheckMismatch
from liveproof.checks.faceid import FaceIdCheck, FileAccess
from liveproof.checks.frames import Frame, frame_at, inline_frames
from liveproof.domain.verification import Challenge
from liveproof.files.inline import base64_length, base64_text
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.tencent.api import TencentApi

NAME = "video"

MAX_REQUEST_BYTES = 10_000_000
"""Tencent API 3.0, TC3 signature: 10 MB a request (pages 1278/46710, 608/33031)."""

_REQUEST_ROOM = 4_096
_UPLOAD_TARGET = "VideoLivenessCompare"
"""TargetAction of every upload: the one whose page names CreateUploadUrl. The values are published
nowhere, and LivenessCompare takes any URL (unconfirmed)."""
_LIP = re.compile(r"[0-9]{4}")
_ACTION = re.compile(r"[1-4](,[1-4])?")


class Video(FaceIdCheck):
    """Liveness in a video, and comparison with a photo.

    Args:
        action: the API that answers.
        best_frames: how many frames LivenessCompare is to return.
    """

    name = NAME

    def __init__(
        self, api: TencentApi, action: str, best_frames: int, files: FileAccess | None = None
    ) -> None:
        # LivenessCompare by URL takes no MD5, and the vendor reads the file later than we can check
        # it. The relay sends proven bytes to a place that only the vendor's URL can write.
        super().__init__(api, action, None if action == "LivenessCompare" else files)
        self._best_frames = best_frames

    def validate(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        if challenge is not None:
            self._validate_challenge(challenge)
        size = _inline_bytes(sizes)
        if self._action == "CompareFaceLiveness" and size > MAX_REQUEST_BYTES:
            raise CheckMismatch(
                f"image and video together take {size} bytes in base64; "
                f"the vendor's request takes {MAX_REQUEST_BYTES}",
                "inputs.video.size",
            )

    def _validate_challenge(self, challenge: Challenge) -> None:
        data = challenge.data or ""
        if challenge.type == "lip":
            if self._action == "CompareFaceLiveness":
                raise CheckMismatch(
                    "CompareFaceLiveness takes action and silent only", "challenge.type"
                )
            if not _LIP.fullmatch(data):
                raise CheckMismatch("lip needs 4 digits", "challenge.data")
        elif challenge.type == "action":
            if not _ACTION.fullmatch(data):
                raise CheckMismatch(
                    "action needs one or two movements of 1 to 4, such as 2,1", "challenge.data"
                )
        elif challenge.data is not None:
            raise CheckMismatch("silent takes no data", "challenge.data")

    def relay_count(self, sizes: Mapping[str, int]) -> int:
        return 0 if self._inline(sizes) else self._uploads(len(sizes))

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        parameters: dict[str, Any] = {"LivenessType": _type_of(challenge)}
        if challenge is not None and challenge.data is not None:
            parameters["ValidateData"] = challenge.data
        if self._action == "LivenessCompare" and self._best_frames > 1:
            parameters["Optional"] = json.dumps({"BestFrameNum": self._best_frames})
        sizes = {name: source.size for name, source in sources.items()}
        if self._inline(sizes):
            return parameters | _inline_parameters(sources)
        return parameters | self._url_parameters(sources, timeout)

    def _inline(self, sizes: Mapping[str, int]) -> bool:
        if self._action == "VideoLivenessCompare":
            return False
        return self._action == "CompareFaceLiveness" or _inline_bytes(sizes) <= MAX_REQUEST_BYTES

    def _url_parameters(self, sources: Mapping[str, Source], timeout: float) -> dict[str, Any]:
        image, video = sources["image"], sources["video"]
        urls = self._urls_for(_UPLOAD_TARGET, [image, video], timeout)
        parameters = {"ImageUrl": urls[0], "VideoUrl": urls[1]}
        if self._action == "VideoLivenessCompare":
            parameters |= {"ImageMd5": image.md5, "VideoMd5": video.md5}
        return parameters

    def _frames(self, answer: Answer) -> tuple[Frame, ...]:
        best = answer.response.get("BestFrame")
        if isinstance(best, dict):
            return frame_at(self._relay, best.get("Url"), best.get("MD5"))
        inline = [answer.response.get("BestFrameBase64")]
        more = answer.response.get("BestFrameList")
        if self._best_frames > 1 and isinstance(more, list):
            inline += more
        return inline_frames(*inline)[: self._best_frames]


def _type_of(challenge: Challenge | None) -> str:
    return "SILENT" if challenge is None else challenge.type.upper()


def _inline_bytes(sizes: Mapping[str, int]) -> int:
    return sum(base64_length(size) for size in sizes.values()) + _REQUEST_ROOM


def _inline_parameters(sources: Mapping[str, Source]) -> dict[str, Any]:
    parameters = {}
    for name in ("image", "video"):
        with sources[name].open() as stream:
            parameters[f"{name.title()}Base64"] = base64_text(stream)
    return parameters
