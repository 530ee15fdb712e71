"""Native modules in a function's package (ELF, 64 bits, little-endian)."""

from __future__ import annotations

import re
import struct
from pathlib import Path

# SCF's runtimes stand on CentOS 7.6 (its page on start files of Web functions).
NEWEST_GLIBC = (2, 17)
_NEEDED = re.compile(rb"GLIBC_(\d+)\.(\d+)(?:\.\d+)?\0")
_OLD_ENOUGH = re.compile(r"any|linux_x86_64|manylinux(1|2010|2014)_x86_64|manylinux_2_(\d+)_x86_64")
_MAGIC = b"\x7fELF\x02\x01"


def needed_glibc(file: Path) -> tuple[int, int]:
    """The newest glibc whose symbols a binary needs; (0, 0) if it needs none."""
    versions = _NEEDED.findall(file.read_bytes())
    return max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))


def fits(tags: list[str]) -> bool:
    """Whether one of a wheel's tags says that it runs with glibc 2.17 on x86_64."""
    for tag in tags:
        match = _OLD_ENOUGH.fullmatch(tag.rpartition("-")[2])
        if match and (match.group(2) is None or int(match.group(2)) <= NEWEST_GLIBC[1]):
            return True
    return False


def without_symbols(binary: bytes) -> bytes:
    """The binary up to the last loaded byte; only debuggers and linkers read what follows.

    The dynamic loader reads the program headers at the beginning, and its symbols are in the loaded
    part; it does not need the section headers. Any other file is returned unchanged.
    """
    if not binary.startswith(_MAGIC):
        return binary
    (table,) = struct.unpack_from("<Q", binary, 0x20)
    size, count = struct.unpack_from("<HH", binary, 0x36)
    end = 0
    for index in range(count):
        offset, _, _, length = struct.unpack_from("<QQQQ", binary, table + index * size + 8)
        end = max(end, offset + length)
    stripped = bytearray(binary[:end])
    struct.pack_into("<Q", stripped, 0x28, 0)  # where the section headers are
    struct.pack_into(
        "<HHH", stripped, 0x3A, 0, 0, 0
    )  # their size and number, and which has the names
    return bytes(stripped)
