"""Base64 made in pieces is the base64 of the whole."""

from __future__ import annotations

import base64
import os

import pytest

from liveproof.files.inline import PIECE_BYTES, base64_length, base64_text, read_exactly
from tests.support.memory_bucket import MemoryStream


class StingyStream(MemoryStream):
    """Returns fewer bytes than requested, as a socket may."""

    def read(self, amount: int = -1) -> bytes:
        return super().read(amount if amount < 0 else max(1, amount // 3))


@pytest.mark.parametrize("pieces", [0, 1, 2])
@pytest.mark.parametrize("more", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("stream", [MemoryStream, StingyStream])
def test_every_size_around_the_pieces_borders_is_the_bodys_own_base64(
    pieces: int, more: int, stream: type[MemoryStream]
) -> None:
    body = os.urandom(max(0, pieces * PIECE_BYTES + more))
    text = base64_text(stream(body))

    assert text == base64.b64encode(body).decode()
    assert len(text) == base64_length(len(body))


def test_a_piece_is_whole_groups_of_three() -> None:
    assert PIECE_BYTES % 3 == 0


def test_the_requested_bytes_are_read_until_the_end() -> None:
    stream = StingyStream(b"0123456789")

    assert [read_exactly(stream, 7), read_exactly(stream, 7), read_exactly(stream, 7)] == [
        b"0123456",
        b"789",
        b"",
    ]
