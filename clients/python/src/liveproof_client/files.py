"""Files as they are declared and sent: read in pieces, with the MD5 on the way."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from liveproof_client.errors import UploadError
from liveproof_client.models import DeclaredInput

FileSource = bytes | str | os.PathLike[str]
"""The bytes themselves, or the path of a file."""

_PIECE = 128 * 1024


def describe_file(
    source: FileSource,
    content_type: str | None = None,
    *,
    max_bytes: int | None = None,
    content_types: Collection[str] | None = None,
) -> DeclaredInput:
    """MD5, size and content type of a file, as a create declares them.

    It reads the whole file: about 2 ms a megabyte. In an event loop call it in a thread.

    Args:
        source: the final file; the upload URL takes these bytes and no others.
        content_type: such as `image/jpeg`; guessed from a path's name if left out. Parameters
            (`; codecs=...`) are left out, as the API asks.
        max_bytes: refuses a larger file before it is read.
        content_types: refuses any other type before the file is read.

    Raises:
        UploadError: `file_empty`, `file_too_large`, `content_type_not_accepted`,
            `file_unreadable`, and `file_changed` if it grew or shrank while it was read.
    """
    declared = _bare_type(source, content_type)
    if content_types is not None and declared not in content_types:
        accepted = ", ".join(sorted(content_types))
        raise UploadError(
            "content_type_not_accepted", f"{declared} is not accepted, but {accepted}"
        )
    size = size_of(source)
    if size == 0:
        raise UploadError("file_empty", "the file is empty")
    if max_bytes is not None and size > max_bytes:
        raise UploadError(
            "file_too_large", f"the file has {size} bytes, and at most {max_bytes} are accepted"
        )
    digest, count = hashlib.md5(usedforsecurity=False), 0
    for piece in pieces_of(source):
        digest.update(piece)
        count += len(piece)
    if count != size:
        raise UploadError("file_changed", "the file changed while it was read")
    return {"md5": digest.hexdigest(), "size": size, "content_type": declared}


def size_of(source: FileSource) -> int:
    """Bytes of a file. Raises UploadError: `file_unreadable`."""
    if isinstance(source, bytes):
        return len(source)
    try:
        return Path(source).stat().st_size
    except OSError as error:
        raise _unreadable(error) from error
    except ValueError as error:  # such as a NUL
        raise UploadError("file_unreadable", "no file can have this name") from error


def pieces_of(source: FileSource) -> Iterator[bytes]:
    """The bytes from the beginning, in pieces. Raises UploadError: `file_unreadable`."""
    try:
        with _opened(source) as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as error:
        raise _unreadable(error) from error


def _opened(source: FileSource) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")


def _bare_type(source: FileSource, content_type: str | None) -> str:
    if content_type is None and not isinstance(source, bytes):
        content_type, compression = mimetypes.guess_type(os.fspath(source))
        content_type = None if compression else content_type
    bare = (content_type or "").partition(";")[0].strip().lower()
    if not bare:
        raise UploadError("content_type_not_accepted", "the file has no content type; name one")
    return bare


def _unreadable(error: OSError) -> UploadError:
    return UploadError("file_unreadable", f"the file cannot be read: {error.strerror}")
