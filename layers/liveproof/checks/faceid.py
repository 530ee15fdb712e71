"""What the checks of Tencent Face ID share: result channels, scores, frames."""

from __future__ import annotations

import base64

from liveproof.checks import reading
from liveproof.checks.check import Frame
from liveproof.checks.tencent import TencentCheck
from liveproof.files.inline import base64_length
from liveproof.vendors.answer import Answer, word
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.files import VendorFiles
from liveproof.vendors.tencent.relay import Relay

MAX_FRAME_BYTES = 10 * 1024 * 1024
"""Of a best frame that is kept, at a URL or inline."""


class FaceIdCheck(TencentCheck):
    """The shared half of the Face ID checks.

    Args:
        files: how the vendor gets its files; None: by the relay.
    """

    def __init__(self, client: TencentApi, action: str, files: VendorFiles | None) -> None:
        super().__init__(client, action)
        self._relay = Relay(client)
        self._files: VendorFiles = files or self._relay

    def _uploads(self, count: int) -> int:
        """How many CreateUploadUrl this many files take."""
        return count if self._files.relays else 0

    def code_of(self, answer: Answer) -> str | None:
        if answer.error is not None:
            return answer.error
        result = answer.response.get("Result")
        return word(result) if isinstance(result, str) and result else None

    def score_of(self, answer: Answer) -> float | None:
        # The error channel carries no score: whatever says otherwise is no answer to trust.
        if answer.error is not None or not reading.scored(self.api, self.code_of(answer)):
            return None
        return reading.score_in(answer.response.get("Sim"), 0, self.facts.threshold_max)

    def fetch(self, frame: Frame, timeout: float) -> bytes:
        if frame.url is not None and frame.md5 is not None:
            return self._relay.download(frame.url, frame.md5, MAX_FRAME_BYTES, timeout)
        return decoded(frame)


def decoded(frame: Frame) -> bytes:
    """The bytes of an inline frame. Raises RelayFailed."""
    content = frame.content or ""
    if len(content) > base64_length(MAX_FRAME_BYTES):
        raise RelayFailed(f"the best frame is larger than {MAX_FRAME_BYTES} bytes")
    try:
        body = base64.b64decode(content, validate=True)
    except ValueError:  # binascii's own, or of text that is not ASCII
        raise RelayFailed("the best frame is not base64") from None
    if not body:
        raise RelayFailed("the best frame is empty")
    return body


def frame_at(url: object, md5: object) -> tuple[Frame, ...]:
    """The frame at a URL, if both are there."""
    if isinstance(url, str) and url and isinstance(md5, str) and md5:
        return (Frame(url=url, md5=md5),)
    return ()
