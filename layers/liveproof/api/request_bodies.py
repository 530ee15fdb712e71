"""Reading a request's body as a type of `domain.requests`, or refusing it with a clear reason."""

from __future__ import annotations

import base64
import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from liveproof import decoding
from liveproof.decoding import NotAsExpected, NotJson, Path, path_text
from liveproof.use_cases.errors import InvalidRequest

_T = TypeVar("_T")
_HEXADECIMAL = re.compile("[0-9a-fA-F]*")
_OTHER_DIGESTS = {40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}
_BASE64_OF_16_BYTES = re.compile("[A-Za-z0-9+/_-]{22}(==)?")
_URL_SAFE = str.maketrans("-_", "+/")


class NoBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a route that takes none: nothing, or an empty object."""


def decode(body: bytes, kind: type[_T]) -> _T:
    """The body as a value of type `kind`.

    Raises:
        InvalidRequest: with the field and what was expected of it.
    """
    try:
        value = decoding.decode(body, kind)
        decoding.require_single_names(body)
    except NotJson as wrong:
        raise InvalidRequest(f"the body {wrong.detail}") from None
    except NotAsExpected as wrong:
        detail = wrong.detail
        if wrong.path[-1:] == ("md5",):
            detail = _about_md5(_value_at(body, wrong.path)) or detail
        raise InvalidRequest(detail, path_text(wrong.path) or None) from None
    return value


def _value_at(body: bytes, path: Path) -> Any:
    """The value at a path of a JSON document, None if there is none."""
    value = msgspec.json.decode(body)
    try:
        for part in path:
            value = value[part]
    except KeyError:  # of a name that is there twice, the path is the name alone
        return None
    return value


def _about_md5(value: Any) -> str | None:
    """The mistake behind a value that is no MD5: another digest, base64, other characters."""
    if not isinstance(value, str):
        return None
    expected = "an MD5 is 32 hexadecimal digits"
    if _HEXADECIMAL.fullmatch(value):
        kind = _OTHER_DIGESTS.get(len(value))
        return f"{expected}; this has {len(value)}" + (f", as a {kind} has" if kind else "")
    if _BASE64_OF_16_BYTES.fullmatch(value):
        digits = base64.b64decode(value[:22].translate(_URL_SAFE) + "==").hex()
        return f"{expected}; this looks like base64: in hexadecimal it is {digits}"
    return f"{expected} and nothing else; this has {len(value)} characters, others among them"
