"""Files as base64 text, encoded in pieces: file and text are never both whole in memory."""

from __future__ import annotations

import base64

from liveproof.ports import ObjectStream

PIECE_BYTES = 3 * 64 * 1024
"""How much of a file is read at once. A multiple of three: only the last piece is padded."""


def base64_length(size: int) -> int:
    """Length of `size` bytes in base64, with padding (RFC 4648)."""
    return (size + 2) // 3 * 4


def read_exactly(stream: ObjectStream, size: int) -> bytes:
    """The next `size` bytes, fewer only at the end. A single `read` may return fewer."""
    piece = stream.read(size)
    while 0 < len(piece) < size:
        more = stream.read(size - len(piece))
        if not more:
            break
        piece += more
    return piece


def base64_text(stream: ObjectStream) -> str:
    """The stream's bytes in standard base64."""
    text = bytearray()
    while piece := read_exactly(stream, PIECE_BYTES):
        text += base64.b64encode(piece)
    return text.decode("ascii")
