"""The names of settings in a function's environment."""

from __future__ import annotations

import msgspec
from msgspec import Struct

PREFIX = "LIVEPROOF_"


def environment_name(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def environment_names(kind: type[Struct]) -> tuple[str, ...]:
    """The environment variables that a model of settings reads."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))
