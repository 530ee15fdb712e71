"""DynamoDB's write and read units of every request to a mocked table, by its rules of billing.

The rules (DynamoDB developer guide, read capacity and write capacity; GSI; transactions):

* a write costs a unit per started kB of the item, before or after it, whichever is larger;
* a write whose condition fails costs the units of the item that is there, at least one;
* an index's entry costs a unit per started kB when it is new or removed, or when an attribute that
  it has beside its keys changes; two (a removal and a new entry) when one of its keys changes;
  nothing otherwise;
* a transaction costs twice that; for an index's entries no text says so, and they are counted twice
  to be safe;
* a consistent read costs a unit per started 4 kB of an item; an eventually consistent one half of
  that. A query's items are added up first.
"""

from __future__ import annotations

import math
import unittest.mock
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from tests.support.aws import REGION, TABLE, table_definition

Item = Mapping[str, Any]


def size_of(item: Item) -> int:
    """The bytes of an item: names and values; a number has half a byte per digit and one more."""
    return sum(len(name.encode()) + _size_of_value(value) for name, value in item.items())


def _size_of_value(value: Mapping[str, Any]) -> int:
    kind: str
    content: str | bytes
    ((kind, content),) = value.items()
    if isinstance(content, bytes):
        return len(content)
    if kind == "N":
        return math.ceil(len(content.lstrip("-")) / 2) + 1 + content.startswith("-")
    if kind == "B":
        return len(b64decode(content))
    if kind == "S":
        return len(content.encode())
    raise ValueError(f"an attribute of type {kind}")


def write_units(item: Item) -> int:
    """For one write of an item."""
    return max(1, math.ceil(size_of(item) / 1024))


def read_units(size: int, *, consistent: bool) -> float:
    """For so many bytes read by one request."""
    return max(1, math.ceil(size / 4096)) * (1 if consistent else 0.5)


def index_units(index: Mapping[str, Any], before: Item | None, after: Item | None) -> int:
    """For an index's entry, when its item changes from `before` to `after` (None: no item)."""
    keys = {"pk", *(key["AttributeName"] for key in index["KeySchema"])}
    old, new = _entry(index, keys, before), _entry(index, keys, after)
    if old == new:
        return 0
    if old is None or new is None:
        return write_units(old or new or {})
    if any(old[key] != new[key] for key in keys):
        return write_units(old) + write_units(new)
    return max(write_units(old), write_units(new))


def _entry(index: Mapping[str, Any], keys: set[str], item: Item | None) -> dict[str, Any] | None:
    """The entry that an index has for an item; None where the item lacks a key."""
    if item is None or not keys <= set(item):
        return None
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return dict(item)
    attributes = keys | set(projection.get("NonKeyAttributes", ()))
    return {name: value for name, value in item.items() if name in attributes}


@dataclass
class Units:
    """What was counted.

    Attributes:
        written: write units by place: `records`, `claims`, `quota`, `endpoints`, and `index NAME`.
        read: read units, in the same places.
        requests: how many requests there were, by operation.
    """

    written: Counter[str] = field(default_factory=Counter)
    read: dict[str, float] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)

    def add_read(self, place: str, units: float) -> None:
        """Count a read."""
        self.read[place] = self.read.get(place, 0) + units


@contextmanager
def metered() -> Iterator[Units]:
    """Count every request to the table of `tests.support.aws`, whichever client makes it."""
    meter = _Meter(Units())
    with ExitStack() as patched:
        for name, count in (
            ("put_item", meter.count_write),
            ("update_item", meter.count_write),
            ("transact_write_items", meter.count_transaction),
            ("get_item", meter.count_get),
            ("query", meter.count_query),
            ("batch_get_item", meter.count_batch),
        ):
            method = _counting(getattr(DynamoHandler, name), name, meter.units, count)
            patched.enter_context(unittest.mock.patch.object(DynamoHandler, name, method))
        yield meter.units


Request = Mapping[str, Any]
Run = Callable[[], Any]


def _counting(
    method: Callable[..., Any], name: str, units: Units, count: Callable[[Request, Run], Any]
) -> Callable[..., Any]:
    def counted(handler: DynamoHandler) -> Any:
        units.requests[name] += 1
        return count(handler.body, lambda: method(handler))

    return counted


class _Meter:
    def __init__(self, units: Units) -> None:
        self.units = units

    def count_write(self, request: Request, run: Run) -> Any:
        key = _key(request.get("Key") or request["Item"])
        before = _stored(key)
        try:
            result = run()
        except Exception:
            self.units.written[_place(key)] += write_units(before or {})
            raise
        self._add(key, before, times=1)
        return result

    def count_transaction(self, request: Request, run: Run) -> Any:
        keys = [_key(entry["Put"]["Item"]) for entry in request["TransactItems"]]
        before = [_stored(key) for key in keys]
        try:
            result = run()
        except Exception:
            for key, item in zip(keys, before, strict=True):
                self.units.written[_place(key)] += 2 * write_units(item or {})
            raise
        for key, item in zip(keys, before, strict=True):
            self._add(key, item, times=2)
        return result

    def _add(self, key: str, before: Item | None, times: int) -> None:
        after = _stored(key)
        larger = max(write_units(before or {}), write_units(after or {}))
        self.units.written[_place(key)] += times * larger
        for index in table_definition()["GlobalSecondaryIndexes"]:
            name = f"index {index['IndexName']}"
            self.units.written[name] += times * index_units(index, before, after)

    def count_get(self, request: Request, run: Run) -> Any:
        key = _key(request["Key"])
        size = size_of(_stored(key) or {})
        units = read_units(size, consistent=bool(request.get("ConsistentRead")))
        self.units.add_read(_place(key), units)
        return run()

    def count_batch(self, request: Request, run: Run) -> Any:
        for part in request["RequestItems"].values():
            for key in part["Keys"]:
                size = size_of(_stored(_key(key)) or {})
                units = read_units(size, consistent=bool(part.get("ConsistentRead")))
                self.units.add_read(_place(_key(key)), units)
        return run()

    def count_query(self, request: Request, run: Run) -> Any:
        result = run()
        (index,) = (
            index
            for index in table_definition()["GlobalSecondaryIndexes"]
            if index["IndexName"] == request["IndexName"]
        )
        keys = {"pk", *(key["AttributeName"] for key in index["KeySchema"])}
        items = result.result["Items"]
        size = sum(size_of(_entry(index, keys, _stored(_key(item))) or {}) for item in items)
        self.units.add_read(f"index {index['IndexName']}", read_units(size, consistent=False))
        return result


def _key(item: Item) -> str:
    key: str = item["pk"]["S"]
    return key


def _place(key: str) -> str:
    places = {"idempotency": "claims", "quota": "quota", "endpoint": "endpoints"}
    return places.get(key.partition("#")[0], "records")


def _stored(key: str) -> Item | None:
    backend: DynamoDBBackend = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION]
    item = backend.get_item(TABLE, {"pk": {"S": key}})
    return None if item is None else dict(item.to_json()["Attributes"])
