"""Parsing a vendor's JSON: a document that can be read in two ways is refused.

`liveproof.decoding` parses documents of a fixed type. A vendor's answers have none, since their
fields depend on the code. And msgspec would silently take the last of two fields with one name.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Of one answer: a best frame of the largest size that is kept (10 MiB), in base64, and as much as
further frames of a film of 6 MiB take."""

_MOST_VALUES = 100_000
"""Honest answers have some dozens. Small values take twenty times their bytes of memory."""

_LONGEST_NUMBER = 40


class Unreadable(Exception):
    """The body is not exactly one JSON object. The exception shows nothing of it."""


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`.

    Refused are bodies that are not JSON (RFC 8259), and also: a name that an object has twice,
    since parsers choose different values; NaN and Infinity; numbers with more digits than any field
    needs, or outside the range of a float; nesting deeper than Python's recursion limit; more
    values than any real answer has; encodings other than UTF-8.

    Raises:
        Unreadable: the body is refused.
    """
    if body.count(b",") > _MOST_VALUES:
        raise Unreadable
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole_number,
            parse_float=_number,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(document, dict):
        raise Unreadable
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name comes twice")
    return fields


def _whole_number(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
