"""Declared parameters of an action, and reading them from what a caller sent."""

import re
from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, TypeVar

from emulator.errors import ApiError
from emulator.facts import COMMON

Parsed = TypeVar("Parsed")

_MD5 = re.compile(r"[0-9a-fA-F]{32}\Z")


def text(name: str, *, required: bool = True) -> str:
    """Declare a string; an optional one that is absent reads as ""."""
    declared: str = field(default="", metadata={"name": name, "required": required})
    return declared


def md5(name: str) -> str:
    """Declare a required MD5 of 32 hex digits, in either case."""
    declared: str = field(default="", metadata={"name": name, "required": True, "pattern": _MD5})
    return declared


def parse(shape: type[Parsed], sent: Mapping[str, object]) -> Parsed:
    """Read `sent` into the dataclass `shape`. ApiError as the vendor's gateway words it."""
    declared = {each.metadata["name"]: each for each in fields(shape)}  # type: ignore[arg-type]
    for name in sent:
        if name not in declared:
            raise ApiError("UnknownParameter", f"The action has no parameter {name[:64]!a}.")
    values: dict[str, Any] = {}
    for name, each in declared.items():
        value = sent.get(name)
        if value is None or value == "":
            if each.metadata["required"]:
                raise ApiError("MissingParameter", f"The parameter {name} is missing.")
            continue
        if not isinstance(value, str):
            raise ApiError(COMMON.text("wrong_type_code"), f"{name} has to be a string.")
        pattern = each.metadata.get("pattern")
        if pattern is not None and not pattern.match(value):
            raise ApiError("InvalidParameterValue", f"{name} has not the form it needs.")
        values[each.name] = value
    return shape(**values)
