"""The limits of a vendor's answer, on both sides of each."""

from __future__ import annotations

import pytest

from liveproof.vendors.answer import sanitize
from liveproof.vendors.documents import MAX_ANSWER_BYTES, Unreadable, parse_object


def test_a_whole_number_may_have_forty_digits() -> None:
    assert parse_object(b'{"n": ' + b"9" * 40 + b"}") == {"n": 10**40 - 1}
    with pytest.raises(Unreadable):
        parse_object(b'{"n": ' + b"9" * 41 + b"}")


def test_an_answer_may_have_a_hundred_thousand_commas() -> None:
    assert len(parse_object(b'{"n": [1' + b",1" * 100_000 + b"]}")["n"]) == 100_001
    with pytest.raises(Unreadable):
        parse_object(b'{"n": [1' + b",1" * 100_001 + b"]}")


def test_an_answer_may_have_sixteen_mebibytes() -> None:
    assert MAX_ANSWER_BYTES == 16 * 1024 * 1024


def test_a_code_is_stored_up_to_its_hundredth_character() -> None:
    assert sanitize("x" * 100) == "x" * 100
    assert sanitize("x" * 100 + "y") == "x" * 100
