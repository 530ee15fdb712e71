"""Reading an object: which part, under which conditions, with which headers.

Source: COS documentation, GET Object (436/7753) and HEAD Object (436/7745).
"""

import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime

from liveproof_emulator.cos import customer_keys
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import Asked
from liveproof_emulator.cos.store import Stored
from liveproof_emulator.facts import COS
from liveproof_emulator.replies import Reply

# Headers that an object keeps, besides x-cos-meta-*.
KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})\Z", re.ASCII)


def download(asked: Asked, stored: Stored) -> Reply:
    """The object, or the part of it that is asked for, or for HEAD what it is.

    Raises:
        CosError: it is archived, under a key that did not come, not the one that is meant, or
            has no such part.
    """
    key_headers = customer_keys.prove_key(asked.headers, stored)
    if asked.method != "HEAD" and stored.storage_class in COS.texts("archive_classes"):
        raise CosError(403, COS.text("archived_code"), "The object has to be restored first.")
    pinned = {
        name.removeprefix("response-"): value
        for name, value in asked.params.items()
        if name.startswith("response-")
        and name.removeprefix("response-") in (*KEPT, "content-type")
    }
    kind = pinned.pop("content-type", stored.content_type)
    sent = {
        **stored.headers,
        **pinned,
        **key_headers,
        "Accept-Ranges": "bytes",
        "ETag": stored.etag,
        "Last-Modified": formatdate(stored.created_at, usegmt=True),
        "x-cos-hash-crc64ecma": stored.crc64,
    }
    if stored.storage_class != "STANDARD":
        sent["x-cos-storage-class"] = stored.storage_class
    if stored.version:
        sent["x-cos-version-id"] = stored.version
    if not fits(asked.headers, stored, ""):
        raise CosError(412, "PreconditionFailed", "The object is another one.")
    if _not_changed(asked.headers, stored, ""):
        return Reply(304, b"", kind, sent)
    part = _part(asked.headers.get("range", ""), len(stored.body))
    if part is None:
        return Reply(200, stored.body, kind, sent, stored.pace_seconds)
    sent["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(stored.body)}"
    return Reply(206, stored.body[part.start : part.stop], kind, sent, stored.pace_seconds)


def prove_source(headers: Mapping[str, str], stored: Stored) -> None:
    """CosError 412 unless a copy's conditions fit its source."""
    prefix = "x-cos-copy-source-"
    if not fits(headers, stored, prefix) or _not_changed(headers, stored, prefix):
        raise CosError(412, "PreconditionFailed", "The source is another object.")


def fits(headers: Mapping[str, str], stored: Stored, prefix: str) -> bool:
    """Whether If-Match and If-Unmodified-Since, with `prefix` before them, let it be read."""
    wanted = headers.get(f"{prefix}if-match")
    if wanted is not None:
        return _names(wanted, stored)
    since = _seconds(headers.get(f"{prefix}if-unmodified-since"))
    return since is None or int(stored.created_at) <= since


def _not_changed(headers: Mapping[str, str], stored: Stored, prefix: str) -> bool:
    known = headers.get(f"{prefix}if-none-match")
    if known is not None:
        return _names(known, stored)
    since = _seconds(headers.get(f"{prefix}if-modified-since"))
    return since is not None and int(stored.created_at) <= since


def _names(etags: str, stored: Stored) -> bool:
    return any(
        each.strip().strip('"') in ("*", stored.etag.strip('"')) for each in etags.split(",")
    )


def _seconds(date: str | None) -> float | None:
    """Unix seconds of an HTTP date; None if there is none that can be read."""
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _part(asked: str, size: int) -> range | None:
    """The bytes of a Range header, None for all. CosError 416 if the object ends before them."""
    found = _RANGE.match(asked)
    if found is None or found.groups() == ("", ""):
        return None  # Not one range of bytes: HTTP has it ignored.
    first, last = found.groups()
    if not first:
        part = range(max(0, size - int(last)), size)
    else:
        part = range(int(first), min(int(last or size - 1), size - 1) + 1)
        if last and int(last) < int(first):
            return None
    if not part:
        raise CosError(416, "InvalidRange", "The object has no such bytes.")
    return part
