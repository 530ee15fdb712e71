"""The bytes that a manifest's signature is over are those of RFC 8785, for every verifier."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from liveproof.evidence import canonical_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (98, "98"),
        (98.0, "98"),
        # The numbers and the text of RFC 8785, section 3.2.2.
        (
            [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
            "[333333333.3333333,1e+30,4.5,0.002,1e-27]",
        ),
        ('\u20ac$\x0f\nA\'B"\\\\"/', '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\x7f\u2028", '"\x7f\u2028"'),
        ((1, [], {}), "[1,[],{}]"),
        ({"b": {"d": None, "c": [1.0]}, "a": "x"}, '{"a":"x","b":{"c":[1],"d":null}}'),
    ],
    ids=range(10),
)
def test_a_value_is_written_as_the_standard_writes_it(value: Any, text: str) -> None:
    assert canonical_json.encode(value) == text.encode()


def test_names_stand_in_the_order_of_their_utf_16_units() -> None:
    """Section 3.2.3: an emoji, of two units, comes before a letter with a higher unit."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]

    assert canonical_json.encode(dict.fromkeys(names, 0)).decode() == (
        '{"\\r":0,"1":0,"\x80":0,"\xf6":0,"\u20ac":0,"\U0001f600":0,"\ufb33":0}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\ud800": 1}])
def test_what_json_cannot_write_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the library's
        canonical_json.encode([value])


@pytest.mark.parametrize("value", [b"x", {1}, date(2026, 11, 27)])
def test_a_type_that_no_manifest_has_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json.encode({"a": value})
