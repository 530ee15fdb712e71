"""JSON in one form only, by RFC 8785: the bytes that a signature is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from liveproof.webhooks.stable_json import number_text


def encode(value: Any) -> bytes:
    """A value of mappings, lists, texts, numbers, booleans and None in canonical form.

    Members stand in the order of their names, without spaces, in UTF-8. Numbers are written as
    ECMAScript does: 98 and not 98.0.

    Raises:
        ValueError: a number is not finite, or a text is no valid Unicode.
        TypeError: a value is of another type.
    """
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, str) or value is None or isinstance(value, (bool, int)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        members = (f"{json.dumps(name, ensure_ascii=False)}:{_text(value[name])}" for name in names)
        return "{" + ",".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_text, value)) + "]"
    raise TypeError(type(value).__name__)
