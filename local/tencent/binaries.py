"""What a function's package needs to know of native modules (ELF, 64 bits, little-endian)."""

from __future__ import annotations

import re
import struct
from pathlib import Path

# SCF runs Python 3.10 on CentOS 7: see the facts on runtimes in docs/unconfirmed.md.
NEWEST_GLIBC = (2, 17)
_NEEDED = re.compile(rb"GLIBC_(\d+)\.(\d+)(?:\.\d+)?\0")
_OLD_ENOUGH = re.compile(r"any|linux_x86_64|manylinux(1|2010|2014)_x86_64|manylinux_2_(\d+)_x86_64")
_MAGIC = b"\x7fELF\x02\x01"
_LOADED = 2  # SHF_ALLOC
_NOTHING_IN_FILE = 8  # SHT_NOBITS


def needed_glibc(file: Path) -> tuple[int, int]:
    """The newest glibc whose symbols a binary asks for; (0, 0) if it asks for none."""
    found = _NEEDED.findall(file.read_bytes())
    return max(((int(major), int(minor)) for major, minor in found), default=(0, 0))


def fits(tags: list[str]) -> bool:
    """Whether one of a wheel's tags says that it runs with glibc 2.17 on x86_64."""
    for tag in tags:
        match = _OLD_ENOUGH.fullmatch(tag.rpartition("-")[2])
        if match and (match.group(2) is None or int(match.group(2)) <= NEWEST_GLIBC[1]):
            return True
    return False


def without_symbols(binary: bytes) -> bytes:
    """The binary without what only debuggers and linkers read: its end, after the last loaded byte.

    The dynamic loader goes by the program headers at the beginning; the symbols that it looks up
    are in loaded sections. A binary of another kind, or one that has loaded bytes behind others, is
    returned as it is.
    """
    if not binary.startswith(_MAGIC):
        return binary
    (table,) = struct.unpack_from("<Q", binary, 0x28)
    size, count = struct.unpack_from("<HH", binary, 0x3A)
    if not table or not count:
        return binary
    end = 0
    for index in range(count):
        _, kind, flags, _, offset, length = struct.unpack_from(
            "<IIQQQQ", binary, table + index * size
        )
        if flags & _LOADED and kind != _NOTHING_IN_FILE:
            end = max(end, offset + length)
    # A segment may reach further than its sections.
    (segments,) = struct.unpack_from("<Q", binary, 0x20)
    each, number = struct.unpack_from("<HH", binary, 0x36)
    for index in range(number):
        offset, _, _, length = struct.unpack_from("<QQQQ", binary, segments + index * each + 8)
        end = max(end, offset + length)
    kept = bytearray(binary[:end])
    struct.pack_into("<Q", kept, 0x28, 0)
    struct.pack_into("<HHH", kept, 0x3A, 0, 0, 0)
    return bytes(kept)
