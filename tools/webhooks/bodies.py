"""What a receiver's framework may have made of a webhook's body, undone.

liveproof writes a body as compact ASCII JSON (docs/webhooks.md), so its bytes can often be made
again from what is left of them.
"""

from __future__ import annotations

import ast
import base64
import gzip
import html
import io
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from liveproof.webhooks.message import DecisionData, ReasonView, WebhookMessage

_MAX_BYTES = 64 * 1024


def _names(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(kind))


_ORDER = {name: number for number, name in enumerate(_names(WebhookMessage))}
_DATA_ORDER = {name: number for number, name in enumerate(_names(DecisionData))}
_REASON_ORDER = {name: number for number, name in enumerate(_names(ReasonView))}


def original_bodies(body: bytes) -> Iterator[tuple[str, bytes]]:
    """What `body` may have been: the change's code, and the bytes before it; likely ones first."""
    seen = {body}
    for code, undo in _CHANGES:
        try:
            candidates = list(undo(body))
        except (ValueError, SyntaxError, RecursionError, EOFError, OSError, zlib.error):
            continue
        for candidate in candidates:
            if candidate not in seen:
                seen.add(candidate)
                yield code, candidate


def is_as_liveproof_writes(body: bytes) -> bool:
    """Whether the bytes are compact ASCII JSON with one object, as every webhook's are."""
    value = json_object(body)
    return bool(value) and body in (_compact(value), _compact(_whole_numbers(value)))


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the body; empty if there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _newline(body: bytes) -> Iterator[bytes]:
    yield body.strip(b"\r\n")
    yield body + b"\n"


def _spaces(body: bytes) -> Iterator[bytes]:
    yield body.removeprefix(b"\xef\xbb\xbf").strip()


def _written_again(body: bytes) -> Iterator[bytes]:
    value = json.loads(body)
    if not isinstance(value, dict):
        return
    for ordered in (value, _in_our_order(value)):
        for same in (ordered, _whole_numbers(ordered), _fractions(ordered)):
            yield _compact(same)


def _in_our_order(message: dict[str, Any]) -> dict[str, Any]:
    ordered = _sorted(message, _ORDER)
    if isinstance(data := ordered.get("data"), dict):
        ordered["data"] = _sorted(data, _DATA_ORDER)
        if isinstance(reason := data.get("reason"), dict):
            ordered["data"]["reason"] = _sorted(reason, _REASON_ORDER)
    return ordered


def _sorted(value: dict[str, Any], order: dict[str, int]) -> dict[str, Any]:
    return dict(sorted(value.items(), key=lambda item: order.get(item[0], len(order))))


def _whole_numbers(value: Any) -> Any:
    """98.0 as 98, as JavaScript writes it."""
    return _of_every_number(value, lambda number: int(number) if number == int(number) else number)


def _fractions(value: Any) -> Any:
    """98 as 98.0 among the scores, as Python writes them; `sequence` is a whole number."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return value
    scores = value["data"].get("scores")
    return {**value, "data": {**value["data"], "scores": _of_every_number(scores, float)}}


def _of_every_number(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _of_every_number(entry, change) for name, entry in value.items()}
    if isinstance(value, list):
        return [_of_every_number(entry, change) for entry in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return change(value)
        except (ValueError, OverflowError):  # no finite number
            return value
    return value


def _text(body: bytes) -> Iterator[bytes]:
    """The body as a text within JSON, as `JSON.stringify(text)` makes it."""
    value = json.loads(body)
    if isinstance(value, str):
        yield value.encode()


def _python_text(body: bytes) -> Iterator[bytes]:
    """`str(body)` of bytes: `b'...'`."""
    if body[:2] in (b"b'", b'b"'):
        value = ast.literal_eval(body.decode())
        if isinstance(value, bytes):
            yield value


def _base64(body: bytes) -> Iterator[bytes]:
    yield base64.b64decode(body.strip(), validate=True)


def _escaped(body: bytes) -> Iterator[bytes]:
    text = body.decode()
    yield html.unescape(text).encode()
    yield unquote_plus(text).encode()
    yield unquote_plus(text).removeprefix("payload=").encode()


def _compressed(body: bytes) -> Iterator[bytes]:
    if body.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            yield stream.read(_MAX_BYTES)


_CHANGES: tuple[tuple[str, Callable[[bytes], Iterator[bytes]]], ...] = (
    ("body_newline", _newline),
    ("body_spaces", _spaces),
    ("body_written_again", _written_again),
    ("body_as_text", _text),
    ("body_as_text", _python_text),
    ("body_base64", _base64),
    ("body_escaped", _escaped),
    ("body_compressed", _compressed),
)
