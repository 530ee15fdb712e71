"""An endpoint's answer as text: short, printable, and without secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveproof.webhooks.answers import MAX_CHARACTERS, escape_answer


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b'{"error": "busy"}', '{"error": "busy"}'),
        (b"a\r\n\tb", r"a\r\n\tb"),
        (b" ~\x1f\x7f", r" ~\x1f\x7f"),
        (b"C:\\new", r"C:\\new"),
        (b"\x1b[31mred\x00", r"\x1b[31mred\x00"),
        ("忙".encode(), r"\xe5\xbf\x99"),
        (b"expected whsec_MfKQ9r8GKYqrTwjU+/=, got v1", "expected whsec_..., got v1"),
        (b"whsk_AAAA whsec_BBBB", "whsk_... whsec_..."),
    ],
)
def test_an_answer_is_shown_as_plain_text(body: bytes, text: str) -> None:
    assert escape_answer(body) == text


def test_no_escape_is_cut_in_half() -> None:
    assert escape_answer(b"a" * 198 + b"\x00tail") == "a" * 198
    assert escape_answer(b"a" * 196 + b"\x00tail") == "a" * 196 + r"\x00"


def test_a_secret_is_left_out_even_where_the_text_is_cut() -> None:
    assert escape_answer(b"a" * 194 + b"whsec_" + b"B" * 44) == "a" * 194 + "whsec_"


@given(st.binary(max_size=1024))
def test_every_answer_becomes_a_short_printable_text(body: bytes) -> None:
    text = escape_answer(body)

    assert len(text) <= MAX_CHARACTERS
    assert text.isascii()
    assert text.isprintable()
