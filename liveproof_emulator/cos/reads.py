"""Reading an object: ranges, conditions, headers.

Source: COS documentation, GET Object (436/7753) and HEAD Object (436/7745).
"""

import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime

from liveproof_emulator.cos import customer_keys
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import StorageRequest
from liveproof_emulator.cos.store import Stored
from liveproof_emulator.facts import COS
from liveproof_emulator.replies import Reply

# Headers that are stored with an object, besides x-cos-meta-*.
STORED_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})\Z", re.ASCII)


def download(request: StorageRequest, stored: Stored) -> Reply:
    """The answer to GET or HEAD: the object, or the range of its bytes that the request names.

    Raises:
        CosError: the object is archived, is under another key, does not meet a condition of the
            request, or has no such range.
    """
    key_headers = customer_keys.check_key(request.headers, stored)
    if request.method != "HEAD" and stored.storage_class in COS.texts("archive_classes"):
        raise CosError(403, COS.text("archived_code"), "The object has to be restored first.")
    overrides = {
        name.removeprefix("response-"): value
        for name, value in request.params.items()
        if name.startswith("response-")
        and name.removeprefix("response-") in (*STORED_HEADERS, "content-type")
    }
    content_type = overrides.pop("content-type", stored.content_type)
    headers = {
        **stored.headers,
        **overrides,
        **key_headers,
        "Accept-Ranges": "bytes",
        "ETag": stored.etag,
        "Last-Modified": formatdate(stored.created_at, usegmt=True),
        "x-cos-hash-crc64ecma": stored.crc64,
    }
    if stored.storage_class != "STANDARD":
        headers["x-cos-storage-class"] = stored.storage_class
    if stored.version:
        headers["x-cos-version-id"] = stored.version
    if not meets_conditions(request.headers, stored, ""):
        raise CosError(412, "PreconditionFailed", "The object is another one.")
    if _not_changed(request.headers, stored, ""):
        return Reply(304, b"", content_type, headers)
    part = _part(request.headers.get("range", ""), len(stored.body))
    if part is None:
        return Reply(200, stored.body, content_type, headers, stored.pace_seconds)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(stored.body)}"
    return Reply(
        206, stored.body[part.start : part.stop], content_type, headers, stored.pace_seconds
    )


def check_source(headers: Mapping[str, str], stored: Stored) -> None:
    """CosError 412 unless the source of a copy meets the copy's conditions."""
    prefix = "x-cos-copy-source-"
    if not meets_conditions(headers, stored, prefix) or _not_changed(headers, stored, prefix):
        raise CosError(412, "PreconditionFailed", "The source is another object.")


def meets_conditions(headers: Mapping[str, str], stored: Stored, prefix: str) -> bool:
    """Whether the object meets If-Match and If-Unmodified-Since, whose names have the prefix."""
    etags = headers.get(f"{prefix}if-match")
    if etags is not None:
        return _names(etags, stored)
    since = _seconds(headers.get(f"{prefix}if-unmodified-since"))
    return since is None or int(stored.created_at) <= since


def _not_changed(headers: Mapping[str, str], stored: Stored, prefix: str) -> bool:
    etags = headers.get(f"{prefix}if-none-match")
    if etags is not None:
        return _names(etags, stored)
    since = _seconds(headers.get(f"{prefix}if-modified-since"))
    return since is not None and int(stored.created_at) <= since


def _names(etags: str, stored: Stored) -> bool:
    return any(
        etag.strip().strip('"') in ("*", stored.etag.strip('"')) for etag in etags.split(",")
    )


def _seconds(date: str | None) -> float | None:
    """Unix seconds of an HTTP date; None if there is none that can be read."""
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _part(header: str, size: int) -> range | None:
    """The bytes of a Range header, None for all. CosError 416 if the object ends before them."""
    match = _RANGE.match(header)
    if match is None or match.groups() == ("", ""):
        return None  # Not one range of bytes: HTTP says to ignore it.
    first, last = match.groups()
    if not first:
        part = range(max(0, size - int(last)), size)
    else:
        part = range(int(first), min(int(last or size - 1), size - 1) + 1)
        if last and int(last) < int(first):
            return None
    if not part:
        raise CosError(416, "InvalidRange", "The object has no such bytes.")
    return part
