"""A bucket's policy: what is allowed or denied regardless of the key's permissions.

Source: COS documentation, access policy language (436/12469), conditions (436/71306, 436/71307);
an operator without `_if_exist` does not match a request that lacks the key.
"""

import ipaddress
import json
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import StorageRequest
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
    """One rule. `conditions` are operator, key and values; all of them have to hold."""

    deny: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def applies(self, request: StorageRequest, operation: str) -> bool:
        """Whether the statement is about this request."""
        action, resource = f"name/cos:{operation}", _resource(request)
        return (
            any(_like(pattern, action) for pattern in self.actions)
            and any(_like(pattern, resource) for pattern in self.resources)
            and all(_holds(request, *condition) for condition in self.conditions)
        )


@dataclass(frozen=True)
class Policy:
    """The statements of the bucket's owner."""

    statements: tuple[Statement, ...]

    def denies(self, request: StorageRequest, operation: str) -> bool:
        """Whether a statement denies the request, whoever signed it."""
        return any(
            statement.deny and statement.applies(request, operation)
            for statement in self.statements
        )

    def allows(self, request: StorageRequest, operation: str) -> bool:
        """Whether a statement allows the request to everybody."""
        return any(
            not statement.deny and statement.applies(request, operation)
            for statement in self.statements
        )


def parse_policy(document: bytes) -> Policy:
    """The policy. CosError 400 if it is malformed, 501 if the emulator cannot obey it."""
    try:
        policy = _lowered(json.loads(document))
        statements = policy["statement"]
        statements = [statements] if isinstance(statements, dict) else list(statements)
        return Policy(tuple(_statement(_lowered(statement)) for statement in statements))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise CosError(400, "MalformedPolicy", "The policy cannot be read.") from problem


def _statement(statement: Mapping[str, Any]) -> Statement:
    principal = statement["principal"]
    named = _texts(_lowered(principal)["qcs"]) if isinstance(principal, dict) else _texts(principal)
    if not _ANYONE.intersection(named):
        raise CosError(501, "NotImplemented", "The emulator plays policies for anyone only.")
    if statement["effect"] not in ("allow", "deny"):
        raise ValueError(statement["effect"])
    conditions = []
    for name, keys in (statement.get("condition") or {}).items():
        if name.removesuffix(_IF_EXIST) not in _OPERATORS:
            raise CosError(501, "NotImplemented", f"The emulator does not know {name}.")
        conditions += [(name, key.lower(), _texts(values)) for key, values in keys.items()]
    return Statement(
        statement["effect"] == "deny",
        tuple(_action(action) for action in _texts(statement["action"])),
        _texts(statement["resource"]),
        tuple(conditions),
    )


def _action(text: str) -> str:
    return text if text == "*" else f"name/cos:{text.rpartition(':')[2]}"


def _lowered(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in fields.items()}


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, (dict, list)) for item in values):
        raise TypeError("a list of texts is needed")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


def _resource(request: StorageRequest) -> str:
    bucket, _, region, *_ = request.target.host.split(".")
    app_id = bucket.rpartition("-")[2]
    key = request.target.key or request.params.get("prefix", "")
    return f"qcs::cos:{region}:uid/{app_id}:{bucket}/{key}"


def _value(request: StorageRequest, key: str) -> str | None:
    """The request's value for a condition key; None if it has none, or COS has no such key."""
    if key == "cos:secure-transport":
        return "true" if request.secure else "false"
    if key == "qcs:ip":
        return request.caller
    if key not in COS.table("condition_keys"):
        return None
    where = COS.table("condition_keys")[key]
    name = key.partition(":")[2]
    return (request.headers if where == "header" else request.params).get(name)


def _holds(request: StorageRequest, condition: str, key: str, values: tuple[str, ...]) -> bool:
    value = _value(request, key)
    if value is None:
        return condition.endswith(_IF_EXIST)
    name = condition.removesuffix(_IF_EXIST)
    negative = "_not_" in name
    return _any(name.replace("_not_", "_"), value, values) != negative


def _any(comparison: str, value: str, values: tuple[str, ...]) -> bool:
    if comparison == "string_like":
        return any(_like(pattern, value) for pattern in values)
    if comparison in ("string_equal_ignore_case", "bool_equal"):
        return value.lower() in {other.lower() for other in values}
    if comparison == "ip_equal":
        address = ipaddress.ip_address(value)
        return any(address in ipaddress.ip_network(network, strict=False) for network in values)
    if comparison in _NUMERIC:
        try:
            return any(_NUMERIC[comparison](float(value), float(other)) for other in values)
        except ValueError:
            return False
    return value in values


def _like(pattern: str, text: str) -> bool:
    parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None
