"""Reading a proven input again: the same bytes, or an exception before the last of them."""

from __future__ import annotations

import hashlib
import hmac

from liveproof.domain.verification import Input
from liveproof.ports import ObjectReplaced, ObjectStream, StoredObject


class ProvenStream:
    """An object's bytes, held to what was proven of them: the size, and the SHA-256.

    An input of an old record has no SHA-256; its bytes are held to the declared MD5.

    Raises:
        ObjectReplaced: by the constructor, if the object has another size; by `read`, if it has
            other bytes. `read` never returns the last byte of such an object, so a request that
            declares its length is never complete.
    """

    def __init__(self, stream: StoredObject, proven: Input) -> None:
        if stream.size != proven.size:
            raise ObjectReplaced("the object has another size than the proven one")
        self._stream = stream
        if proven.proof is None:
            self._digest = hashlib.md5(usedforsecurity=False)
            self._proven = proven.md5
        else:
            self._digest = hashlib.sha256()
            self._proven = proven.proof.sha256
        self._left = proven.size
        self.size = proven.size

    def read(self, amount: int = -1) -> bytes:
        """At most `amount` bytes; none at the end."""
        if self._left == 0 or amount == 0:
            return b""
        piece = self._stream.read(amount)
        self._digest.update(piece)
        self._left -= len(piece)
        if self._left <= 0 or not piece:
            self._require_proven()
        return piece

    def _require_proven(self) -> None:
        same = hmac.compare_digest(self._digest.hexdigest(), self._proven)
        if self._left != 0 or not same:
            raise ObjectReplaced("the object has other bytes than the proven ones")

    def __enter__(self) -> ObjectStream:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.__exit__(*exc)
