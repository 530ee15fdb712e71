"""An upload without a connection: what is expected of it, its limits, and what a failure means."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from liveproof_client.errors import UploadError, UploadErrorCode
from liveproof_client.files import FileSource, pieces_of, size_of
from liveproof_client.models import Upload
from liveproof_client.storage import Meaning, StorageAnswer

TOTAL_SECONDS = 600.0
STALL_SECONDS = 30.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# Fresh URLs of one upload. The API issues an input's URLs ten times in all.
MAX_RENEWALS = 5
# How often the API may answer `missing`: the bucket's event takes a moment to arrive.
MAX_CONFIRMATIONS = 5
MAX_ANSWER_BYTES = 64 * 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"([!-~]([ -~\t]*[!-~])?)?")

OnProgress = Callable[[str, int, int], None]
"""Takes the input's name, the bytes that were sent so far, and all bytes."""

FAILURES: Mapping[Meaning, tuple[UploadErrorCode, str]] = {
    Meaning.WRONG_HEADERS: (
        "headers_changed", "the bucket got other headers or another URL than the API gave",
    ),
    Meaning.WRONG_BYTES: ("bytes_altered", "other bytes arrived than were sent"),
    Meaning.STALE_URL: ("url_expired", "the upload URL has expired"),
    Meaning.UNKNOWN: ("storage_refused", "the bucket refused the file"),
    Meaning.CONFLICT: ("storage_unavailable", "the bucket could not store the file"),
    Meaning.CUT_OFF: ("storage_unavailable", "the bucket could not store the file"),
    Meaning.UNAVAILABLE: ("storage_unavailable", "the bucket could not store the file"),
}  # fmt: skip
"""The error that an answer becomes when no further attempt is made."""


class UploadResult(NamedTuple):
    """How an upload went.

    Attributes:
        attempts: PUT requests that were sent.
        already_there: an earlier attempt had arrived, and its answer was lost.
    """

    attempts: int
    already_there: bool


def failure(meaning: Meaning, answer: StorageAnswer) -> UploadError:
    """The error for an answer of the bucket that ends an upload."""
    code, text = FAILURES[meaning]
    return UploadError(code, text, answer.status, answer.code)


def no_answer() -> UploadError:
    """The error when the bucket does not answer."""
    return UploadError("network", "the bucket did not answer")


def body_of(source: FileSource, upload: Upload, sent: Callable[[int], None]) -> Iterator[bytes]:
    """The bytes of an upload, hashed on their way.

    The last piece is only given out if all bytes are the declared ones, so that nothing is stored
    otherwise.

    Args:
        source: the file.
        upload: an entry of `uploads`.
        sent: takes the number of bytes before each further piece, and at the end.

    Raises:
        UploadError: `file_changed`: it was compressed again or edited after it was declared;
            `file_unreadable`.
    """
    require_declared_size(source, upload)
    digest, count = hashlib.md5(usedforsecurity=False), 0
    held = b""
    for piece in pieces_of(source):
        if held:
            yield held
            count += len(held)
            sent(count)
        digest.update(piece)
        held = piece
    declared = _header(upload, "content-md5")
    if declared is not None and base64.b64encode(digest.digest()).decode() != declared:
        raise UploadError(
            "file_changed", "the file has other bytes than were declared: declare the final file"
        )
    yield held
    sent(count + len(held))


def require_sendable(upload: Upload) -> None:
    """Raises UploadError (`headers_changed`) if HTTP cannot have the method, URL or headers."""
    try:
        parts = urlsplit(upload["url"])
        is_sendable = parts.scheme in ("http", "https") and parts.port != 0
        is_sendable = is_sendable and bool(httpx.URL(upload["url"]).host)
    except (ValueError, httpx.InvalidURL):  # its text may have the URL
        is_sendable = False
    names_fit = all(_TOKEN.fullmatch(name) for name in (upload["method"], *upload["headers"]))
    values_fit = all(_VALUE.fullmatch(value) for value in upload["headers"].values())
    if not (is_sendable and names_fit and values_fit):
        raise UploadError(
            "headers_changed", "the upload's URL or headers are not those that the API gave"
        )


def require_declared_size(source: FileSource, upload: Upload) -> None:
    """Raises UploadError (`file_changed`) for a file of another size than was declared."""
    declared, size = _header(upload, "content-length"), size_of(source)
    if declared is not None and int(declared) != size:
        raise UploadError(
            "file_changed", f"the file has {size} bytes, and {declared} were declared"
        )


def _header(upload: Upload, name: str) -> str | None:
    return {key.lower(): value for key, value in upload["headers"].items()}.get(name)
