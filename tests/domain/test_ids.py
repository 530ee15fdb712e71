"""Identifiers."""

from __future__ import annotations

import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveproof.domain import ids

times = st.integers(min_value=0, max_value=2**48 - 1)


@given(times, times)
def test_ids_sort_by_their_time(one: int, other: int) -> None:
    earlier, later = sorted((one, other))

    if earlier != later:
        assert ids.new_verification_id(earlier) < ids.new_verification_id(later)


@given(times, times)
def test_the_lowest_id_of_a_time_parts_ids_by_their_time(one: int, other: int) -> None:
    made = ids.new_verification_id(one)

    assert (ids.lowest_id(other) <= made) == (other <= one)
    assert made < ids.END_OF_IDS


@pytest.mark.parametrize("time", [-1, 2**48])
def test_a_time_that_no_id_has_is_refused(time: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        ids.lowest_id(time)


@given(times)
def test_every_new_id_has_the_form_of_an_id(now: int) -> None:
    assert ids.is_verification_id(ids.new_verification_id(now))


def test_ids_of_one_moment_differ_in_eighty_random_bits() -> None:
    made = [ids.new_verification_id(1_795_000_000_000) for _ in range(4000)]

    assert len(set(made)) == len(made)
    assert len({one[:14] for one in made}) == 1
    # 80 bits are 16 characters of 5: each takes every value over 4000 draws.
    for place in range(14, 30):
        assert {one[place] for one in made} == set("0123456789abcdefghjkmnpqrstvwxyz")


def test_a_text_that_resembles_an_id_is_none() -> None:
    good = ids.new_verification_id(1_795_000_000_000)
    for wrong in (
        "",
        good + "\n",
        good.upper(),
        good[:-1],
        good + "0",
        good.replace("ver_", "msg_"),
        "ver_8" + good[5:],
        good[:-1] + "u",
        "quota#" + good,
        f"../{good}",
    ):
        assert not ids.is_verification_id(wrong), wrong


@given(times, st.integers(min_value=1, max_value=99))
def test_the_webhook_id_is_the_same_each_time_and_differs_by_sequence(now: int, n: int) -> None:
    verification_id = ids.new_verification_id(now)

    assert ids.webhook_id(verification_id, n) == ids.webhook_id(verification_id, n)
    assert ids.webhook_id(verification_id, n) != ids.webhook_id(verification_id, n + 1)
    assert re.fullmatch(r"msg_[0-9a-z]{26}_\d+", ids.webhook_id(verification_id, n))


def test_capture_tokens_never_repeat_and_carry_128_bits() -> None:
    made = {ids.capture_token() for _ in range(4000)}

    assert len(made) == 4000
    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", token) for token in made)


def test_tokens_and_the_ids_of_tests_have_128_random_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbits", lambda bits: 2**bits - 1)

    highest = "7" + "z" * 25  # 26 characters of 5 bits: the first has 3
    assert ids.capture_token() == highest
    assert ids.new_test_webhook_id() == f"msg_test_{highest}"
