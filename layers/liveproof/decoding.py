"""Reading JSON of a given type; an error names the exact place of what does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Raw

_T = TypeVar("_T")
Path = tuple[str | int, ...]
"""Names of fields, keys of mappings, and positions in lists, from the document inwards."""


class NotAsExpected(Exception):
    """A document does not fit its type.

    Attributes:
        path: where; empty for the whole document. Its names are the sender's.
        detail: what is wrong. Quotes nothing of the document.
    """

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(detail)
        self.path = path
        self.detail = detail


class NotJson(NotAsExpected):
    """The document is not JSON in UTF-8."""


def decode(document: bytes, kind: type[_T]) -> _T:
    """The document as a value of type `kind`.

    Finding what is wrong takes time in proportion to the document's size.

    Raises:
        NotAsExpected: it does not fit. NotJson: it is not even JSON.
    """
    try:
        try:
            return msgspec.json.decode(document, type=kind)
        except msgspec.ValidationError as error:
            _require_json(document)
            # A wrong field that is there twice may have no place: only its last value is looked at.
            mistake = _first_wrong(document, kind, ()) or NotAsExpected((), _plain(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        mistake = NotJson((), "is not JSON in UTF-8")
    raise mistake from None


def require_single_names(document: bytes) -> None:
    """Refuse a JSON document in which an object has a name twice: a reader would ignore one.

    Raises:
        NotAsExpected: with the last part of the place only.
    """

    def entries(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise NotAsExpected((name,), "is there twice")
            seen.add(name)

    json.loads(document, object_pairs_hook=entries)


def _require_json(document: bytes) -> None:
    """Raises DecodeError. A document is refused for its first fault, which hides what follows."""
    with suppress(msgspec.ValidationError):  # a number out of range
        msgspec.json.decode(document)


def path_text(path: Path) -> str:
    """A path as people write it: `inputs.image.size`, `keys_sha256[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _first_wrong(part: bytes | Raw, kind: Any, path: Path) -> NotAsExpected | None:
    """What is wrong with a part of a document. Each level decodes the levels below it once."""
    try:
        msgspec.json.decode(part, type=kind)
    except msgspec.DecodeError as error:
        kind = _expected(part, kind)
        for name, value, expected in _inside(part, kind):
            mistake = _first_wrong(value, expected, (*path, name))
            if mistake is not None:
                return mistake
        return _wrong_itself(part, kind, path) or NotAsExpected(path, _words(kind, error))
    return None


def _expected(part: bytes | Raw, kind: Any) -> Any:
    """The type without `Annotated` and `| None`; of `X | a Struct` the Struct, for an object."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _expected(part, get_args(kind)[0])
    if origin in (Union, UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        if len(options) > 1 and bytes(part).lstrip().startswith(b"{"):
            options = [option for option in options if _is_struct(option)]
        return _expected(part, options[0]) if len(options) == 1 else kind
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _inside(part: bytes | Raw, kind: Any) -> Iterator[tuple[str | int, Raw, Any]]:
    """The name, the bytes and the expected type of each entry of an object or a list."""
    origin = get_origin(kind)
    if _is_struct(kind):
        types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        for name, value in _entries(part).items():
            if name in types:
                yield name, value, types[name]
    elif origin is dict:
        for name, value in _entries(part).items():
            yield name, value, get_args(kind)[1]
    elif origin in (list, tuple):
        try:
            items = msgspec.json.decode(part, type=list[Raw])
        except msgspec.DecodeError:
            return
        for position, value in enumerate(items):
            yield position, value, get_args(kind)[0]


def _entries(part: bytes | Raw) -> dict[str, Raw]:
    """An object's entries; none if it is not an object."""
    try:
        return msgspec.json.decode(part, type=dict[str, Raw])
    except msgspec.DecodeError:
        return {}


def _wrong_itself(part: bytes | Raw, kind: Any, path: Path) -> NotAsExpected | None:
    """What is wrong with the object itself: an unknown field, or a missing one."""
    if not _is_struct(kind):
        return None
    try:
        entries = msgspec.json.decode(part, type=dict[str, Raw])
    except msgspec.DecodeError:
        return None
    fields = msgspec.structs.fields(kind)
    names = [field.encode_name for field in fields]
    if kind.__struct_config__.forbid_unknown_fields:
        for name in entries:
            if name not in names:
                fields_text = f"there is {', '.join(names)}" if names else "none is taken here"
                return NotAsExpected((*path, name), f"there is no such field; {fields_text}")
    for field in fields:
        if field.required and field.encode_name not in entries:
            return NotAsExpected((*path, field.encode_name), "is missing")
    return None


def _words(kind: Any, error: msgspec.DecodeError) -> str:
    if get_origin(kind) is Literal:
        return f"must be one of {', '.join(map(str, get_args(kind)))}"
    return _plain(error)


def _plain(error: msgspec.DecodeError) -> str:
    """msgspec's sentence without its path. What it quotes are names of types and limits."""
    return str(error).partition(" - at `")[0]
