"""A bucket's policy: what it allows or denies whatever the key may do.

Source: COS documentation, access policy language (436/12469), conditions (436/71306, 436/71307);
an operator without `_if_exist` does not fit a request that lacks the key.
"""

import ipaddress
import json
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import Asked
from liveproof_emulator.facts import COS

_ANYONE = {"*", "qcs::cam::anyone:anyone"}
_IF_EXIST = "_if_exist"
_NUMERIC = {
    "numeric_equal": operator.eq,
    "numeric_greater_than": operator.gt,
    "numeric_greater_than_equal": operator.ge,
    "numeric_less_than": operator.lt,
    "numeric_less_than_equal": operator.le,
}
_OPERATORS = {
    "string_equal", "string_not_equal", "string_equal_ignore_case", "string_not_equal_ignore_case",
    "string_like", "string_not_like", "bool_equal", "ip_equal", "ip_not_equal",
    "numeric_not_equal", *_NUMERIC,
}  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """One rule. `conditions` are operator, key and values, and all have to fit."""

    deny: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def fits(self, asked: Asked, operation: str) -> bool:
        """Whether it is about this request."""
        action, resource = f"name/cos:{operation}", _resource(asked)
        return (
            any(_like(each, action) for each in self.actions)
            and any(_like(each, resource) for each in self.resources)
            and all(_holds(asked, *each) for each in self.conditions)
        )


@dataclass(frozen=True)
class Policy:
    """What the bucket's owner allows and denies."""

    statements: tuple[Statement, ...]

    def denies(self, asked: Asked, operation: str) -> bool:
        """Whether a statement denies the request, whoever signed it."""
        return any(each.deny and each.fits(asked, operation) for each in self.statements)

    def allows(self, asked: Asked, operation: str) -> bool:
        """Whether a statement allows the request to everybody."""
        return any(not each.deny and each.fits(asked, operation) for each in self.statements)


def parsed(document: bytes) -> Policy:
    """The policy. CosError 400 if it is malformed, 501 for what the emulator does not play."""
    try:
        given = _lowered(json.loads(document))
        statements = given["statement"]
        statements = [statements] if isinstance(statements, dict) else list(statements)
        return Policy(tuple(_statement(_lowered(each)) for each in statements))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise CosError(400, "MalformedPolicy", "The policy cannot be read.") from problem


def _statement(given: Mapping[str, Any]) -> Statement:
    principal = given["principal"]
    named = _texts(_lowered(principal)["qcs"]) if isinstance(principal, dict) else _texts(principal)
    if not _ANYONE.intersection(named):
        raise CosError(501, "NotImplemented", "The emulator plays policies for anyone only.")
    if given["effect"] not in ("allow", "deny"):
        raise ValueError(given["effect"])
    conditions = []
    for name, keys in (given.get("condition") or {}).items():
        if name.removesuffix(_IF_EXIST) not in _OPERATORS:
            raise CosError(501, "NotImplemented", f"The emulator does not know {name}.")
        conditions += [(name, key.lower(), _texts(values)) for key, values in keys.items()]
    return Statement(
        given["effect"] == "deny",
        tuple(_action(each) for each in _texts(given["action"])),
        _texts(given["resource"]),
        tuple(conditions),
    )


def _action(text: str) -> str:
    return text if text == "*" else f"name/cos:{text.rpartition(':')[2]}"


def _lowered(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in given.items()}


def _texts(given: object) -> tuple[str, ...]:
    values = given if isinstance(given, list) else [given]
    if any(isinstance(each, (dict, list)) for each in values):
        raise TypeError("a list of texts is needed")
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in values)


def _resource(asked: Asked) -> str:
    bucket, _, region, *_ = asked.target.host.split(".")
    app_id = bucket.rpartition("-")[2]
    key = asked.target.key or asked.params.get("prefix", "")
    return f"qcs::cos:{region}:uid/{app_id}:{bucket}/{key}"


def _value(asked: Asked, key: str) -> str | None:
    """What the request has for a condition key; None if nothing, or if COS has no such key."""
    if key == "cos:secure-transport":
        return "true" if asked.secure else "false"
    if key == "qcs:ip":
        return asked.caller
    if key not in COS.table("condition_keys"):
        return None
    where = COS.table("condition_keys")[key]
    name = key.partition(":")[2]
    return (asked.headers if where == "header" else asked.params).get(name)


def _holds(asked: Asked, condition: str, key: str, values: tuple[str, ...]) -> bool:
    given = _value(asked, key)
    if given is None:
        return condition.endswith(_IF_EXIST)
    name = condition.removesuffix(_IF_EXIST)
    negative = "_not_" in name
    return _any(name.replace("_not_", "_"), given, values) != negative


def _any(comparison: str, given: str, values: tuple[str, ...]) -> bool:
    if comparison == "string_like":
        return any(_like(each, given) for each in values)
    if comparison in ("string_equal_ignore_case", "bool_equal"):
        return given.lower() in {each.lower() for each in values}
    if comparison == "ip_equal":
        address = ipaddress.ip_address(given)
        return any(address in ipaddress.ip_network(each, strict=False) for each in values)
    if comparison in _NUMERIC:
        try:
            return any(_NUMERIC[comparison](float(given), float(each)) for each in values)
        except ValueError:
            return False
    return given in values


def _like(pattern: str, text: str) -> bool:
    parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None
