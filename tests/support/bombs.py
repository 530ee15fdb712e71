"""Small bodies that unpack to large ones."""

from __future__ import annotations

import struct
import zlib
from functools import cache


@cache
def gzip_bomb(megabytes: int, letter: bytes = b"\0") -> bytes:
    """One gzip member of a letter repeated: the packed form of a megabyte, as often as needed.

    Packing the whole would take seconds, and many suites want one.
    """
    part = letter * 1_000_000
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    # After a full flush nothing refers to earlier bytes, so that a block can follow itself.
    block = packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(megabytes):
        checksum = zlib.crc32(part, checksum)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    tail = zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()
    size = megabytes * len(part) % 2**32
    return head + block * megabytes + tail + struct.pack("<II", checksum, size)
