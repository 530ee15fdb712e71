"""The half of reading an object that every bucket shares."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from liveproof.outbound.errors import ExchangeFailed
from liveproof.ports import StoredObject

if TYPE_CHECKING:
    from liveproof.outbound.response import Response


class Body(Protocol):
    """The bytes of an answer."""

    def read(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


class ObjectStream:
    """An object's bytes as they are stored: a Content-Encoding is the uploader's choice.

    A body that ends before its size raises: fewer bytes are never given as all.

    Args:
        broken: the adapter's exception for a body that breaks off, by what went wrong.
    """

    def __init__(
        self,
        body: Body,
        size: int,
        etag: str,
        broken: Callable[[str], Exception],
        *,
        version: str | None = None,
        content_encoding: str | None = None,
    ) -> None:
        self._body = body
        self._left = size
        self._broken = broken
        self.size = size
        self.etag = etag
        self.version = version
        self.content_encoding = content_encoding

    def read(self, amount: int = -1) -> bytes:
        if amount >= 0:
            return self._read(min(amount, self._left))
        parts = []
        while self._left:
            parts.append(self._read(self._left))
        return b"".join(parts)

    def _read(self, amount: int) -> bytes:
        if amount == 0:
            return b""
        try:
            part = self._body.read(amount)
        except ExchangeFailed as failed:
            raise self._broken(f"an object broke off: {failed.why}") from None
        if not part:
            raise self._broken(f"an object ended {self._left} bytes early")
        self._left -= len(part)
        return part

    def __enter__(self) -> StoredObject:
        return self

    def __exit__(self, *exc: object) -> None:
        self._body.close()


def object_stream(
    response: Response, broken: Callable[[str], Exception], version: str | None = None
) -> ObjectStream:
    """The object in an answer to GET; the answer is closed if it is of no use.

    Args:
        version: of the object, where it has one.

    Raises:
        Exception: made by `broken`: the answer does not say how long it is.
    """
    length = response.headers.get("Content-Length", "")
    if not re.fullmatch(r"[0-9]{1,19}", length):
        response.close()
        raise broken("an object came with no Content-Length")
    return ObjectStream(
        response,
        int(length),
        response.headers.get("ETag", "").strip('"'),
        broken,
        version=version,
        content_encoding=response.headers.get("Content-Encoding") or None,
    )
