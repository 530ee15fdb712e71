"""The video check by each of its APIs, and its answers to the emulator's scenarios."""

from __future__ import annotations

from liveproof.checks.video import Video
from liveproof.vendors.answer import Answer
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from tests.support.sources import sources

APIS = ("VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness")


def check_by(api: TencentApi, action: str, best_frames: int = 1) -> Video:
    """The check, answered by this API."""
    return Video(api, action, best_frames)


def answer(check: Video, scenario: str) -> Answer:
    """What the emulator answers to a video that names a scenario."""
    files = sources(video=testing.video(scenario), image=testing.photo())
    return check.call(check.prepare(files, None, 10), 10)
