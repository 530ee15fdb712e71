"""The Quota port on DynamoDB: one item per limit, whose `next_us` is the first free slot.

A reservation is one conditional update that moves `next_us` on by a slot's width; concurrent
callers get different slots. The width depends on the pace, which is in the item too (`full_at`, see
`domain/pace.py`), and so is the breaker. So each update assumes the item's state, and a refused
update returns the item: the second one is right. It is needed in each function once after the pace
has changed, or after a line has formed or ended.

Older versions kept `next_at` in milliseconds. It is not read: nobody waits for its slots any more.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.domain.breaker import PROBE_MS, Breaker, after_failure
from liveproof.domain.pace import (
    PREPARED_MS,
    SLOWDOWN_INTERVAL_MS,
    Distance,
    distance_of,
    slot_ms,
    slot_width_us,
    slow_down,
)
from liveproof.quota import QuotaFull, VendorDown

_TRIES = 20
_NEVER_MS = 2**53
_SAME_PACE = "(attribute_not_exists(full_at) OR full_at <= :now OR full_at = :full_at)"
_MAY_CALL = "(attribute_not_exists(open_until) OR open_until IN (:zero, :probe))"
_IS_IDLE = "(attribute_not_exists(next_us) OR next_us < :now_us)"


class _Limit(NamedTuple):
    """An item's numbers; 0 for those that it does not have."""

    next_us: int
    full_at: int
    slowed_at: int
    taken: int
    failures: int
    window_at: int
    window_taken: int
    open_until: int

    @property
    def breaker(self) -> Breaker:
        return Breaker(*self[-len(Breaker._fields) :])


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
        # As last seen, by name: the pace, and how far away the slot was. And until when this
        # function's own probe lasts.
        self._full_at: dict[str, int] = {}
        self._distances: dict[str, Distance] = {}
        self._probes: dict[str, int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        last = _NEVER_MS if latest is None else latest
        if last < now:
            raise QuotaFull(name, now)
        distance = self._distances.get(name, Distance.IDLE)
        if distance is Distance.FAR and last < now + PREPARED_MS:
            distance = Distance.NEAR
        for _ in range(_TRIES):
            try:
                return self._take(name, per_second, now, last, distance)
            except _Refused as refused:
                limit = refused.limit
                self._distances[name] = distance_of(limit.next_us, now)
            if limit.open_until not in (0, self._probes.get(name)) and not self.probe(name, now):
                raise VendorDown(name)
            if limit.next_us > last * 1000:
                raise QuotaFull(name, slot_ms(limit.next_us))
            distance = self._distances[name]
        raise RuntimeError(f"no slot of {name} could be reserved")

    def slow_down(self, name: str, now: int) -> None:
        before = now - SLOWDOWN_INTERVAL_MS
        for _ in range(_TRIES):
            seen = self._full_at.get(name, 0)
            slower = slow_down(seen, now)
            try:
                self._update(
                    name,
                    "SET full_at = :slower, slowed_at = :now",
                    f"(attribute_not_exists(slowed_at) OR slowed_at <= :before) AND {_SAME_PACE}",
                    {":slower": slower, ":now": now, ":before": before, ":full_at": seen},
                )
            except _Refused as refused:
                if refused.limit.slowed_at > before:
                    return
            else:
                self._full_at[name] = slower
                return
        raise RuntimeError(f"the pace of {name} could not be changed")

    def probe(self, name: str, now: int) -> bool:
        lasts_until = now + PROBE_MS
        try:
            self._update(
                name,
                "SET open_until = :lasts",
                "open_until > :zero AND open_until <= :now",
                {":lasts": lasts_until, ":zero": 0, ":now": now},
            )
        except _Refused as refused:
            return refused.limit.open_until in (0, self._probes.get(name))
        self._probes[name] = lasts_until
        return True

    def record_failure(self, name: str, now: int) -> bool:
        limit = self._update(name, "ADD failures :one", None, {":one": 1}, returns="ALL_NEW")
        before = limit.breaker
        probe = self._probes.pop(name, None)
        after = after_failure(before, now, is_probe=probe == before.open_until)
        if after == before:
            return False
        try:
            self._update(
                name,
                "SET failures = :failures, window_at = :at, window_taken = :taken,"
                " open_until = :until",
                "attribute_not_exists(open_until) OR open_until = :before",
                {
                    ":failures": after.failures,
                    ":at": after.window_at,
                    ":taken": after.window_taken,
                    ":until": after.open_until,
                    ":before": before.open_until,
                },
            )
        except _Refused:
            return False  # another failure was counted first, and has the same consequence
        return before.open_until == 0 and after.open_until > 0

    def record_success(self, name: str) -> bool:
        return self._end_probe(name, "SET open_until = :zero, window_at = :zero", {":zero": 0})

    def give_back_probe(self, name: str, now: int) -> bool:
        return self._end_probe(name, "SET open_until = :now", {":now": now})

    def _end_probe(self, name: str, update: str, values: dict[str, int]) -> bool:
        """Whether this function's own probe was under way and is ended by the update."""
        probe = self._probes.pop(name, None)
        if probe is None:
            return False
        try:
            self._update(name, update, "open_until = :probe", {**values, ":probe": probe})
        except _Refused:
            return False  # it ended by itself, and the next one is another's
        return True

    def _take(self, name: str, per_second: float, now: int, last: int, distance: Distance) -> int:
        """The first free slot, if it is so far away. Raises _Refused."""
        prepared_us = (now + PREPARED_MS) * 1000
        ahead_ms = PREPARED_MS if distance is Distance.FAR else 0
        width = slot_width_us(per_second, self._full_at.get(name, 0), now, ahead_ms)
        if distance is Distance.IDLE:
            return self._take_now(name, width, now)
        if distance is Distance.NEAR:
            return self._take_between(
                name, width, now, now * 1000, min(last * 1000, prepared_us - 1)
            )
        return self._take_between(name, width, now, prepared_us, last * 1000)

    def _take_between(self, name: str, width: int, now: int, first_us: int, last_us: int) -> int:
        limit = self._update(
            name,
            "SET next_us = next_us + :width ADD taken :one",
            f"next_us BETWEEN :first_us AND :last_us AND {_SAME_PACE} AND {_MAY_CALL}",
            {
                ":width": width,
                ":first_us": first_us,
                ":last_us": last_us,
                **self._assumed(name, now),
            },
        )
        return slot_ms(limit.next_us)

    def _take_now(self, name: str, width: int, now: int) -> int:
        """A slot of an idle limit. Raises _Refused."""
        self._update(
            name,
            "SET next_us = :next ADD taken :one",
            f"{_IS_IDLE} AND {_SAME_PACE} AND {_MAY_CALL}",
            {":next": now * 1000 + width, ":now_us": now * 1000, **self._assumed(name, now)},
        )
        return now

    def _assumed(self, name: str, now: int) -> dict[str, int]:
        return {
            ":now": now,
            ":full_at": self._full_at.get(name, 0),
            ":probe": self._probes.get(name, 0),
            ":zero": 0,
            ":one": 1,
        }

    def _update(
        self,
        name: str,
        update: str,
        condition: str | None,
        values: dict[str, int],
        returns: str = "UPDATED_OLD",
    ) -> _Limit:
        """Change an item; its numbers, those before the change by default. Raises _Refused."""
        request: Any = {
            "TableName": self._table,
            "Key": {"pk": {"S": f"quota#{name}"}},
            "UpdateExpression": update,
            "ExpressionAttributeValues": {key: {"N": str(n)} for key, n in values.items()},
            "ReturnValues": returns,
        }
        if condition is not None:
            request["ConditionExpression"] = condition
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            updated = self._clients.dynamodb.call("UpdateItem", **request)
        except ConditionFailed as failed:
            limit = _limit_of(failed.document.get("Item"))
            self._full_at[name] = limit.full_at
            raise _Refused(limit) from None
        return _limit_of(updated.get("Attributes"))


def _limit_of(item: object) -> _Limit:
    fields = item if isinstance(item, dict) else {}
    return _Limit(*(int(fields[name]["N"]) if name in fields else 0 for name in _Limit._fields))
