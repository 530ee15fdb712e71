"""No caller gets the last byte of anything but the proven bytes."""

from __future__ import annotations

import hashlib

import pytest

from liveproof.domain.verification import Input, Proof
from liveproof.files.proven import ProvenStream
from liveproof.ports import ObjectReplaced, ObjectStream
from tests.support.deployment import md5_of
from tests.support.memory_bucket import MemoryStream

BODY = b"0123456789" * 100


class StingyStream(MemoryStream):
    """Returns fewer bytes than requested."""

    def read(self, amount: int = -1) -> bytes:
        return super().read(amount if amount < 0 else max(1, amount // 3))


class CutStream(MemoryStream):
    """Ends before its size."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body[:-1])
        self.size = len(body)


def proven(*, old: bool) -> Input:
    proof = None if old else Proof(sha256=hashlib.sha256(BODY).hexdigest(), etag="etag")
    return Input(
        md5=md5_of(BODY), size=len(BODY), content_type="image/jpeg", keys=("key",), proof=proof
    )


def read_all(stream: ObjectStream, amount: int, received: bytearray) -> None:
    while piece := stream.read(amount):
        received += piece


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("amount", [-1, 1, 7, 999, 1000, 1001])
@pytest.mark.parametrize("kind", [MemoryStream, StingyStream])
def test_the_proven_bytes_are_read_in_any_pieces(
    kind: type[MemoryStream], amount: int, old: bool
) -> None:
    with ProvenStream(kind(BODY), proven(old=old)) as stream:
        assert stream.size == len(BODY)
        assert stream.read(0) == b""
        received = bytearray()
        read_all(stream, amount, received)
        assert received == BODY


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("changed", [0, 500, 999])
@pytest.mark.parametrize("amount", [-1, 1, 7, 999, 1000, 1001])
@pytest.mark.parametrize("kind", [MemoryStream, StingyStream])
def test_the_last_byte_of_a_replaced_file_is_never_returned(
    kind: type[MemoryStream], amount: int, changed: int, old: bool
) -> None:
    other = BODY[:changed] + b"!" + BODY[changed + 1 :]
    stream = ProvenStream(kind(other), proven(old=old))
    received = bytearray()
    with pytest.raises(ObjectReplaced):
        read_all(stream, amount, received)

    assert len(received) < len(BODY)


@pytest.mark.parametrize("amount", [-1, 7, 1000])
def test_bytes_that_end_early_are_not_the_proven_ones(amount: int) -> None:
    with pytest.raises(ObjectReplaced):
        read_all(ProvenStream(CutStream(BODY), proven(old=False)), amount, bytearray())


@pytest.mark.parametrize("body", [BODY + b"0", BODY[:-1], b""])
def test_another_size_is_an_error_before_anything_is_read(body: bytes) -> None:
    reads: list[int] = []
    with pytest.raises(ObjectReplaced):
        ProvenStream(MemoryStream(body, reads), proven(old=False))
    assert reads == []
