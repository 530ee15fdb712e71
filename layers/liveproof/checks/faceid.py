"""What the checks of Tencent Face ID share: access to the files, result channels, scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from liveproof.checks.check import Answered
from liveproof.checks.frames import Frame
from liveproof.checks.reading import score_in
from liveproof.checks.tencent import TencentCheck
from liveproof.ports import Source
from liveproof.side_by_side import side_by_side
from liveproof.vendors.answer import Answer, sanitize
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.relay import Relay


class FileAccess(Protocol):
    """How Face ID gets at files: under URLs that it can read, in the region of the call."""

    @property
    def relays(self) -> bool:
        """Whether each file takes a CreateUploadUrl."""

    def url_for(self, target_action: str, source: Source, timeout: float) -> str:
        """The URL under which `target_action` may read a proven file. It grants access.

        Args:
            timeout: seconds for all of it.

        Raises:
            VendorError: the file could not be brought to the vendor.
            ObjectMissing, ObjectReplaced, ObjectUnreadable: the proven file is not in the bucket,
                or not as it was proven.
        """


class FaceIdCheck(TencentCheck, ABC):
    """The shared half of the Face ID checks.

    Args:
        files: how the vendor gets its files; None: by the relay.
    """

    def __init__(self, client: TencentApi, action: str, files: FileAccess | None) -> None:
        super().__init__(client, action)
        self._relay = Relay(client)
        self._files: FileAccess = files or self._relay

    def read(self, answer: Answer) -> Answered:
        frames = self._frames(answer)
        if answer.error is not None:
            # The error channel carries no score: whatever says otherwise is no answer to trust.
            return Answered(answer.error, None, frames)
        result = answer.response.get("Result")
        code = sanitize(result) if isinstance(result, str) and result else None
        score = score_in(answer.response.get("Sim"), 0, self.facts.threshold_max)
        return Answered(code, score, frames)

    @abstractmethod
    def _frames(self, answer: Answer) -> tuple[Frame, ...]:
        """The best frames that an answer offers."""

    def _urls_for(self, target_action: str, sources: Sequence[Source], timeout: float) -> list[str]:
        """The URLs of the files, which are brought to the vendor side by side.

        See `FileAccess.url_for`.
        """
        return side_by_side(
            [partial(self._files.url_for, target_action, source, timeout) for source in sources]
        )

    def _uploads(self, count: int) -> int:
        """How many CreateUploadUrl this many files take."""
        return count if self._files.relays else 0
