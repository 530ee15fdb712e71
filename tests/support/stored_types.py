"""The types that records in the stores are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from msgspec import Struct, structs

from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.verification import Verification


def stored_types() -> set[type[Struct]]:
    """Those of a verification and of an endpoint's row, as deep as they go."""
    return {*_with_parts(Verification), *_with_parts(Endpoint)}


def _with_parts(kind: type[Struct]) -> Iterator[type[Struct]]:
    yield kind
    for field in structs.fields(kind):
        for part in _structs_of(field.type):
            yield from _with_parts(part)


def _structs_of(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for argument in get_args(hint):
        yield from _structs_of(argument)
