"""Native modules: their glibc, and the bytes that a function does not need."""

from __future__ import annotations

import struct

import pytest

from tools import ROOT
from tools.packaging import elf, wheels
from tools.packaging.tencent import zips


@pytest.mark.parametrize(
    ("tags", "fit"),
    [
        (["py3-none-any"], True),
        (["cp310-cp310-manylinux2014_x86_64"], True),
        (["cp310-cp310-manylinux_2_28_x86_64", "cp310-cp310-manylinux_2_17_x86_64"], True),
        (["cp310-cp310-manylinux1_x86_64"], True),
        (["cp310-cp310-manylinux_2_28_x86_64"], False),
        (["cp310-cp310-manylinux2014_aarch64"], False),
        (["cp310-cp310-musllinux_1_2_x86_64"], False),
        (["cp310-cp310-macosx_11_0_arm64"], False),
        ([], False),
    ],
)
def test_a_wheel_for_a_newer_system_is_not_packed(tags: list[str], fit: bool) -> None:
    assert elf.fits(tags) is fit


def test_symbols_are_cut_off_and_what_is_loaded_is_not() -> None:
    binary = next(wheels.install(ROOT / "requirements/scf.txt", zips._SCF).rglob("_rust*.so"))
    whole = binary.read_bytes()
    cut = elf.without_symbols(whole)
    assert len(cut) < len(whole) - 1_000_000
    # All but the end and the four fields that spoke of it.
    assert cut[0x40:] == whole[0x40 : len(cut)]
    assert struct.unpack_from("<Q", cut, 0x28) == (0,)
    assert elf.without_symbols(cut) == cut
    assert elf.without_symbols(b"#!/bin/sh") == b"#!/bin/sh"
