"""A value of the wrong type is named by its exact place, and finding the place costs little."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct

from liveproof.api.request_bodies import decode as decode_body
from liveproof.decoding import NotAsExpected, NotJson, decode, path_text
from liveproof.domain.requests import CreateReflectSequence, CreateVerification
from liveproof.use_cases.errors import InvalidRequest


class Inner(Struct, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1)]
    kind: Literal["a", "b"] = "a"


class Outer(Struct, forbid_unknown_fields=True):
    name: str
    named: dict[str, Inner] = {}
    listed: tuple[Inner, ...] = ()
    maybe: Inner | None = None
    deep: dict[str, dict[str, int]] = {}


class Loose(Struct):
    name: str


def wrong(document: object, kind: type[Any] = Outer) -> tuple[str, str]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(NotAsExpected) as caught:
        decode(raw, kind)
    return path_text(caught.value.path), caught.value.detail


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ([], "", "object"),
        ({}, "name", "missing"),
        ({"name": 5}, "name", "str"),
        ({"name": "x", "nme": "x"}, "nme", "there is name, named, listed, maybe, deep"),
        (
            {"name": "x", "named": {"one": {"size": 1}, "two": {"size": 0}}},
            "named.two.size",
            ">= 1",
        ),
        ({"name": "x", "named": {"one": {}}}, "named.one.size", "missing"),
        ({"name": "x", "named": {"one": {"size": 1, "x": 1}}}, "named.one.x", "no such field"),
        ({"name": "x", "named": 5}, "named", "object"),
        ({"name": "x", "listed": [{"size": 1}, {"size": "1"}]}, "listed[1].size", "int"),
        ({"name": "x", "listed": {}}, "listed", "array"),
        ({"name": "x", "maybe": {"size": 1, "kind": "c"}}, "maybe.kind", "must be one of a, b"),
        ({"name": "x", "maybe": 5}, "maybe", "object"),
        ({"name": "x", "deep": {"a": {"b": 1}, "c": {"d": None}}}, "deep.c.d", "int"),
        ({"name": "x", "named": {"[...]": {"size": 0}}}, "named.[...].size", ">= 1"),
    ],
)
def test_the_place_is_exact_at_every_depth(document: object, path: str, message: str) -> None:
    actual_path, detail = wrong(document)

    assert actual_path == path
    assert message in detail


def test_a_valid_document_is_decoded_and_an_unknown_field_may_be_allowed() -> None:
    assert decode(b'{"name": "x", "more": 1}', Loose) == Loose("x")
    assert decode(b'{"name": "x", "maybe": null}', Outer) == Outer("x")


@pytest.mark.parametrize("path", ["x` - at `$.named", " - at `$.name`", "unknown field `name`"])
def test_a_name_that_looks_like_a_message_misleads_nobody(path: str) -> None:
    assert wrong({"name": "x", path: 1})[0] == path


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"\xff", b'{"name": "\\ud800"}', b'{"name": 5,', b'{"name": 5, "\xff": 1}',
     b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", b'{"name": 1, "x":' + b"[" * 30_000],
)  # fmt: skip
def test_a_body_that_is_not_json_is_named_as_such_whatever_else_is_wrong(document: bytes) -> None:
    with pytest.raises(NotJson):
        decode(document, Outer)


def test_a_wrong_value_that_a_second_one_hides_is_refused_all_the_same() -> None:
    assert "int" in wrong(b'{"name": 5, "name": "x"}')[1]


def test_a_message_quotes_no_value() -> None:
    for document in (
        {"name": {"canary": "canary"}},
        {"name": "x", "maybe": {"size": "canary"}},
        {"name": "x", "maybe": {"size": 1, "kind": "canary"}},
    ):
        assert "canary" not in wrong(document)[1]


# -- cost -------------------------------------------------------------------------------------


def _inputs(size: int, last: object) -> bytes:
    entry = {"md5": "0" * 32, "size": 1, "content_type": "a/b"}
    named = {f"i{number}": entry for number in range(size // 70)}
    return json.dumps({"check": "photo", "inputs": {**named, "z": last}}).encode()


def _metadata(size: int) -> bytes:
    values: dict[str, object] = {f"k{number}": "x" for number in range(size // 16)}
    return json.dumps({"check": "photo", "inputs": {}, "metadata": {**values, "z": 1}}).encode()


def _both(size: int) -> bytes:
    document = json.loads(_inputs(size // 3, {"md5": "0" * 32, "size": 1, "content_type": "a/b"}))
    values: dict[str, object] = {f"k{number}": "x" for number in range(size // 24)}
    return json.dumps({**document, "metadata": {**values, "z": 1}}).encode()


BODIES: dict[str, Callable[[int], bytes]] = {
    "the last of many inputs is wrong": lambda size: _inputs(size, 5),
    "the last of many inputs lacks a field": lambda size: _inputs(size, {"md5": "0" * 32}),
    "the last of many texts is wrong": _metadata,
    "many inputs and many texts": _both,
    "many unknown fields": lambda size: json.dumps(
        {f"f{n}": 1 for n in range(size // 10)}
    ).encode(),
    "a long unknown name": lambda size: json.dumps({"x" * size: 1}).encode(),
    "a name that looks like many messages": lambda size: json.dumps(
        {" - at `" * (size // 7) + "\n": 1}
    ).encode(),
    "a name that looks like many unknown fields": lambda size: json.dumps(
        {"unknown field `" * (size // 15) + "\n": 1}
    ).encode(),
    "many lists": lambda size: b'{"check": ' + b"[" * (size // 2) + b"]" * (size // 2) + b"}",
    "many fields that are there twice": lambda size: (
        b'{"check": 5' + b', "check": 5' * (size // 12) + b', "check": "photo", "inputs": {}}'
    ),
    "a long md5": lambda size: _inputs(0, {"md5": "0" * size, "size": 1, "content_type": "a/b"}),
    "a long md5 in base64": lambda size: _inputs(
        0, {"md5": "A" * size + "==", "size": 1, "content_type": "a/b"}
    ),
    "escapes": lambda size: json.dumps({"\0" * (size // 6): 1}).encode(),
    "spaces": lambda size: b'{"check": 5' + b" " * size + b"}",
}


def _cpu(body: bytes, kind: type[Any]) -> float:
    """The least CPU time of several refusals."""

    def once() -> float:
        began = time.process_time()
        with pytest.raises(InvalidRequest):
            decode_body(body, kind)
        return time.process_time() - began

    return min(once() for _ in range(5))


@pytest.mark.parametrize("kind", [CreateVerification, CreateReflectSequence])
@pytest.mark.parametrize("name", BODIES)
def test_a_refusal_costs_no_more_than_in_proportion_to_the_bodys_size(
    name: str, kind: type[Any]
) -> None:
    """One body of 64 kB once cost 0.6 s of CPU: the whole body was converted for each key.

    Eight times the size is eight times the work, and 64 times where the work is quadratic.
    """
    small, large = (_cpu(BODIES[name](size), kind) for size in (8_000, 64_000))

    assert large < 24 * small + 0.002
