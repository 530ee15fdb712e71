"""Compact ASCII JSON that JavaScript writes in the same way again.

A receiver must verify the bytes as they came. One that verifies `JSON.stringify(JSON.parse(body))`
works nevertheless, until the first character above 127: JavaScript does not escape it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_LARGEST_INDEX = 2**32 - 2
"""ECMAScript puts keys that are array indices, 0 to this, before all others, in their order."""

_INDEX = re.compile("0|[1-9][0-9]{0,9}")

_MOST_DIGITS = 21
"""Number::toString of ECMAScript: a larger number is written with an exponent."""


def encode(value: Any) -> bytes:
    """A value of mappings, texts, numbers, booleans and None as JSON.

    Raises:
        ValueError: a number is not finite.
        TypeError: a value is of another type.
    """
    return _text(value).encode("ascii")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Mapping):
        entries = sorted(value.items(), key=lambda entry: _place(entry[0]))
        return "{" + ",".join(f"{_string(key)}:{_text(entry)}" for key, entry in entries) + "}"
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    raise TypeError(type(value).__name__)


def _string(text: str) -> str:
    """JSON's escapes are the same in Python, but for DEL, which JavaScript does not escape."""
    return '"' + "\x7f".join(json.dumps(part)[1:-1] for part in text.split("\x7f")) + '"'


def _place(key: str) -> int:
    """Sorts array indices before other keys, which keep the order that they have."""
    if _INDEX.fullmatch(key):
        return min(int(key), _LARGEST_INDEX + 1)
    return _LARGEST_INDEX + 1


def number_text(number: float) -> str:
    """A number by Number::toString of ECMAScript; Python's shortest digits are the same ones."""
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    if number == 0:
        return "0"  # JavaScript writes minus zero so
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # How many digits stand before the point; negative: zeros after it.
    before = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if number < 0 else ""
    if before > _MOST_DIGITS or before <= -6:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{before - 1:+d}"
    if before <= 0:
        return f"{sign}0.{'0' * -before}{digits}"
    if before >= len(digits):
        return f"{sign}{digits}{'0' * (before - len(digits))}"
    return f"{sign}{digits[:before]}.{digits[before:]}"
