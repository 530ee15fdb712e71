"""Reading a vendor's JSON: what cannot be read in exactly one way is not read at all.

`liveproof.decoding` reads documents of a known type. A vendor's have none: their fields differ by
code. And of two fields with one name msgspec would take the last.
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
    """Not one JSON object. No text of it is shown."""


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` is.

    Refused besides what is no JSON (RFC 8259): a name that comes twice in an object, of which each
    reader takes another value; NaN and Infinity; numbers of more digits than any field has, or
    beyond a float's range; nesting that is deeper than Python follows; more values than any answer
    has; other encodings than UTF-8.

    Raises:
        Unreadable: it is no such object.
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
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


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
