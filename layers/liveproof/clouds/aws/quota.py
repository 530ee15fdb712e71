"""The Quota port on DynamoDB: one item per limit, whose `next_us` is the first free slot.

A reservation is one conditional update that moves `next_us` on by a slot's width; concurrent
callers get different slots. The width depends on the pace, which is in the item too (`full_at`, see
`domain/pace.py`). So each update assumes the item's state, and a refused update returns the item:
the second one is right. It is needed when the limit is idle, and once in each function after the
pace has changed.

Older versions kept `next_at` in milliseconds. It is not read: nobody waits for its slots any more.
"""

from __future__ import annotations

from typing import NamedTuple

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.domain.pace import (
    SLOWDOWN_INTERVAL_MS,
    QuotaFull,
    slot_ms,
    slot_width_us,
    slow_down,
)

_TRIES = 20
_NEVER_MS = 2**53
_SAME_PACE = "(attribute_not_exists(full_at) OR full_at <= :now OR full_at = :full_at)"


class _Limit(NamedTuple):
    """An item's numbers; 0 for those that it does not have."""

    next_us: int = 0
    full_at: int = 0
    slowed_at: int = 0


class _Refused(Exception):
    """The item is not in the state that an update assumed."""

    def __init__(self, limit: _Limit) -> None:
        super().__init__()
        self.limit = limit


class DynamoQuota:
    """The quota rows of the deployment's table."""

    def __init__(self, clients: Clients, table: str) -> None:
        self._clients = clients
        self._table = table
        self._full_at: dict[str, int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        last = _NEVER_MS if latest is None else latest
        if last < now:
            raise QuotaFull(name, now)
        take = self._take_next
        for _ in range(_TRIES):
            width = slot_width_us(per_second, self._full_at.get(name, 0), now)
            try:
                return take(name, width, now, last)
            except _Refused as refused:
                limit = refused.limit
            if limit.next_us > last * 1000:
                raise QuotaFull(name, slot_ms(limit.next_us))
            take = self._take_next if limit.next_us >= now * 1000 else self._take_now
        raise RuntimeError(f"no slot of {name} could be reserved")

    def slow_down(self, name: str, now: int) -> None:
        before = now - SLOWDOWN_INTERVAL_MS
        for _ in range(_TRIES):
            full_at = slow_down(self._full_at.get(name, 0), now)
            try:
                self._update(
                    name,
                    "SET full_at = :slower, slowed_at = :now",
                    f"(attribute_not_exists(slowed_at) OR slowed_at <= :before) AND {_SAME_PACE}",
                    {":slower": full_at, ":now": now, ":before": before},
                )
            except _Refused as refused:
                if refused.limit.slowed_at > before:
                    return
            else:
                self._full_at[name] = full_at
                return
        raise RuntimeError(f"the pace of {name} could not be changed")

    def _take_next(self, name: str, width: int, now: int, last: int) -> int:
        """The first free slot of a limit with a line. Raises _Refused."""
        limit = self._update(
            name,
            "SET next_us = next_us + :width",
            f"next_us BETWEEN :now_us AND :last_us AND {_SAME_PACE}",
            {":width": width, ":now_us": now * 1000, ":last_us": last * 1000, ":now": now},
        )
        return slot_ms(limit.next_us)

    def _take_now(self, name: str, width: int, now: int, last: int) -> int:
        """A slot of an idle limit. Raises _Refused."""
        self._update(
            name,
            "SET next_us = :next",
            f"(attribute_not_exists(next_us) OR next_us < :now_us) AND {_SAME_PACE}",
            {":next": now * 1000 + width, ":now_us": now * 1000, ":now": now},
        )
        return now

    def _update(self, name: str, update: str, condition: str, values: dict[str, int]) -> _Limit:
        """Make a change that assumes the pace as last seen; what it replaced. Raises _Refused."""
        values = {**values, ":full_at": self._full_at.get(name, 0)}
        try:
            updated = self._clients.dynamodb.call(
                "UpdateItem",
                TableName=self._table,
                Key={"pk": {"S": f"quota#{name}"}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={key: {"N": str(n)} for key, n in values.items()},
                ReturnValues="UPDATED_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            limit = _limit_of(failed.document.get("Item", {}))
            self._full_at[name] = limit.full_at
            raise _Refused(limit) from None
        return _limit_of(updated.get("Attributes", {}))


def _limit_of(item: object) -> _Limit:
    fields = item if isinstance(item, dict) else {}
    return _Limit(*(int(fields[name]["N"]) if name in fields else 0 for name in _Limit._fields))
