"""What an endpoint answered, as text that is safe to store and to show."""

from __future__ import annotations

import re

MAX_CHARACTERS = 200
_SECRET = re.compile(rb"(whsec_|whsk_)[A-Za-z0-9+/=_-]+")
_SHORT = {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", ord("\\"): "\\\\"}


def escape_answer(body: bytes) -> str:
    """The first bytes of an answer as printable ASCII, at most `MAX_CHARACTERS` characters.

    Other bytes become \\n, \\r, \\t or \\xNN, and a backslash is doubled, so that no answer steers
    a terminal. It may be HTML: a page that shows it must still escape it. What follows `whsec_` and
    `whsk_` is left out: some endpoints print the secret with which the signature failed.
    """
    text = ""
    for byte in _SECRET.sub(rb"\1...", body):
        character = _escape(byte)
        if len(text) + len(character) > MAX_CHARACTERS:
            break
        text += character
    return text


def _escape(byte: int) -> str:
    if byte in _SHORT:
        return _SHORT[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"
