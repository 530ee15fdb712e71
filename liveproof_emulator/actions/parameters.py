"""Declaring the parameters of an action, and reading them from a request."""

import re
from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, TypeVar

from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON

Parsed = TypeVar("Parsed")

ILLEGAL = "InvalidParameterValue"
_MD5 = re.compile(r"[0-9a-fA-F]{32}\Z")
_WHOLE = re.compile(r"-?[0-9]{1,9}\Z")


def text(name: str, *, required: bool = True) -> str:
    """Declare a string; an optional one that is absent reads as ""."""
    declared: str = field(default="", metadata={"name": name, "required": required})
    return declared


def md5(name: str) -> str:
    """Declare a required MD5 of 32 hex digits, in either case."""
    declared: str = field(default="", metadata={"name": name, "required": True, "pattern": _MD5})
    return declared


def choice(name: str, *values: str, default: str | None = None, illegal: str = ILLEGAL) -> str:
    """Declare a string out of `values`, required unless it has a default.

    `illegal` is the code that refuses anything else.
    """
    metadata = {"name": name, "required": default is None, "values": values, "illegal": illegal}
    declared: str = field(default=default or "", metadata=metadata)
    return declared


def whole(name: str, lowest: int, highest: int, *, default: int, illegal: str = ILLEGAL) -> int:
    """Declare an optional whole number; `illegal` is the code of one that is out of range."""
    metadata = {"name": name, "required": False, "range": (lowest, highest), "illegal": illegal}
    declared: int = field(default=default, metadata=metadata)
    return declared


def parse(shape: type[Parsed], sent: Mapping[str, object], *, flat: bool = False) -> Parsed:
    """Read parameters.

    Args:
        shape: the dataclass that declares them.
        sent: values by the names on the wire.
        flat: they came in a query or a form, where a number is text.

    Raises:
        ApiError: a parameter is unknown, missing, of another type, or has a wrong value.
    """
    # `shape` is a dataclass by the grammar of actions, which its type cannot say.
    parameters = fields(shape)  # type: ignore[arg-type]
    declared = {parameter.metadata["name"]: parameter for parameter in parameters}
    for name in sent:
        if name not in declared:
            raise ApiError("UnknownParameter", f"The action has no parameter {name[:64]!a}.")
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        value = sent.get(name)
        if value is None or value == "":
            if parameter.metadata["required"]:
                raise ApiError("MissingParameter", f"The parameter {name} is missing.")
            continue
        read = _number if "range" in parameter.metadata else _string
        values[parameter.name] = read(name, value, parameter.metadata, flat=flat)
    return shape(**values)


def _string(name: str, value: object, metadata: Mapping[str, Any], *, flat: bool) -> str:
    del flat
    if not isinstance(value, str):
        raise ApiError(COMMON.text("wrong_type_code"), f"{name} has to be a string.")
    pattern = metadata.get("pattern")
    if pattern is not None and not pattern.match(value):
        raise ApiError(ILLEGAL, f"{name} has not the form it needs.")
    if "values" in metadata and value not in metadata["values"]:
        raise ApiError(metadata["illegal"], f"{name} is one of {', '.join(metadata['values'])}.")
    return value


def _number(name: str, value: object, metadata: Mapping[str, Any], *, flat: bool) -> int:
    if flat and isinstance(value, str) and _WHOLE.match(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ApiError(COMMON.text("wrong_type_code"), f"{name} has to be a whole number.")
    lowest, highest = metadata["range"]
    if not lowest <= value <= highest:
        raise ApiError(metadata["illegal"], f"{name} is from {lowest} to {highest}.")
    return value
