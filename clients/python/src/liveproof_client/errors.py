"""What the client raises. Go by `code`, which is stable; texts are for people.

No text holds an upload URL, a file's bytes or the API key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

UploadErrorCode = Literal[
    "file_empty",
    "file_too_large",
    "content_type_not_accepted",
    "file_unreadable",
    "file_changed",
    "bytes_altered",
    "headers_changed",
    "url_expired",
    "clock_skew",
    "renew_failed",
    "confirm_failed",
    "not_confirmed",
    "input_refused",
    "network",
    "storage_unavailable",
    "storage_refused",
]
"""Why an upload failed; the README has a table of what to do."""


class LiveproofError(Exception):
    """Every error of the client.

    Attributes:
        code: stable; a program goes by it.
    """

    def __init__(self, code: str, text: str) -> None:
        """`text` is for people."""
        super().__init__(text)
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle, by which errors reach the parent of a worker process."""
        return _unpickled, (type(self), self.args), self.__dict__


def _unpickled(kind: type[LiveproofError], args: tuple[Any, ...]) -> LiveproofError:
    return kind.__new__(kind, *args)


class ApiError(LiveproofError):
    """The API, or the platform in front of it, answered with something else than success.

    Attributes:
        code: of the problem document; `platform` if the cloud answered before liveproof did, and
            `invalid_answer` for a success that is no JSON object.
        status: of HTTP.
        detail: for people; names the limit that was broken.
        field: the part of the request that is wrong, such as `inputs.image.size`; None if none is.
        retry_after: seconds to wait before the next try; None if the answer does not say.
        problem: the whole problem document (RFC 9457); empty if there was none.
    """

    def __init__(
        self,
        code: str,
        status: int,
        detail: str,
        problem: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        """As the attributes say."""
        self.problem = dict(problem or {})
        self.field: str | None = self.problem.get("field")
        where = f"{self.field} " if self.field else ""
        super().__init__(code, f"HTTP {status} {code}: {where}{detail}")
        self.status, self.detail, self.retry_after = status, detail, retry_after


class NoAnswerError(LiveproofError):
    """There was no answer, or not all of it. Whether the request was carried out is unknown.

    Attributes:
        code: `no_answer` (no connection, or it broke), `timed_out`, or `answer_too_large`.
    """


class UploadError(LiveproofError):
    """An upload, or the look at a file before it, failed.

    Attributes:
        status: of the bucket's last answer; None if there was none.
        storage_code: the `Code` in the bucket's last answer; None if there was none.
    """

    code: UploadErrorCode

    def __init__(
        self,
        code: UploadErrorCode,
        text: str,
        status: int | None = None,
        storage_code: str | None = None,
    ) -> None:
        """As the attributes say; `text` is for people."""
        super().__init__(code, f"{text} ({storage_code})" if storage_code else text)
        self.status, self.storage_code = status, storage_code
