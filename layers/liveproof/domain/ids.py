"""Identifiers: time-ordered where order helps, unguessable everywhere.

A verification's id is `ver_` and a ULID in lower case: 48 bits of milliseconds, then 80 random
bits, in Crockford's base 32 (26 characters), so ids sort by creation time.
"""

from __future__ import annotations

import re
import secrets

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PREFIX = "ver_"
_PATTERN = re.compile(r"ver_[0-7][0-9a-hjkmnp-tv-z]{25}")
_RANDOM_BITS = 80
_TIME_BITS = 48

END_OF_IDS = _PREFIX + "8"
"""Every id of a verification is lower."""


def _base32(value: int, length: int) -> str:
    return "".join(_CROCKFORD[(value >> (5 * i)) & 31] for i in reversed(range(length)))


def new_verification_id(now: int) -> str:
    """A new id for a verification created at `now` (milliseconds since 1970)."""
    return _PREFIX + _base32((now << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS), 26)


def lowest_id(at: int) -> str:
    """No verification created at `at` (ms since 1970) or later has a lower id, no other a higher.

    Raises:
        ValueError: no id can have this time.
    """
    if not 0 <= at < 1 << _TIME_BITS:
        raise ValueError("the time is out of range")
    return _PREFIX + _base32(at << _RANDOM_BITS, 26)


def is_verification_id(text: str) -> bool:
    """Whether `text` has the form of a verification's id."""
    return _PATTERN.fullmatch(text) is not None


def webhook_id(verification_id: str, sequence: int) -> str:
    """The `webhook-id` of a verification's message number `sequence`: the same at every attempt."""
    return f"msg_{verification_id.removeprefix(_PREFIX)}_{sequence}"


def new_test_webhook_id() -> str:
    """The `webhook-id` of a test, which is of no verification."""
    return f"msg_test_{_base32(secrets.randbits(128), 26)}"


def capture_token() -> str:
    """128 random bits for an object key: a capture's key cannot be guessed from another's."""
    return _base32(secrets.randbits(128), 26)
