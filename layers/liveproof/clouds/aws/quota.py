"""The Quota port on DynamoDB: one item per limit, whose `next_at` is the first free slot.

A reservation is one conditional update that moves `next_at` on by a slot's width; concurrent
callers get different slots. Only an idle limit (its `next_at` in the past) takes a second update.
"""

from __future__ import annotations

import math

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.ports import QuotaFull

_TRIES = 20


class DynamoQuota:
    """The quota rows of the deployment's table."""

    def __init__(self, clients: Clients, table: str) -> None:
        self._clients = clients
        self._table = table

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        if latest is not None and latest < now:
            raise QuotaFull(name)
        width = math.ceil(1000 / per_second)
        for number in range(_TRIES):
            slot = self._next_in_line(name, width, now, latest)
            if slot is not None or (slot := self._first_in_line(name, width, now)) is not None:
                return slot
            # `next_at` only grows. Seen not to be in the past, it can only be too late afterwards.
            if latest is not None and number > 0:
                raise QuotaFull(name)
        raise RuntimeError(f"no slot of {name} could be reserved")

    def _next_in_line(self, name: str, width: int, now: int, latest: int | None) -> int | None:
        condition, values = "next_at >= :now", {":width": width, ":now": now}
        if latest is not None:
            condition, values = f"{condition} AND next_at <= :latest", values | {":latest": latest}
        return self._update(name, "SET next_at = next_at + :width", condition, values)

    def _first_in_line(self, name: str, width: int, now: int) -> int | None:
        taken = self._update(
            name,
            "SET next_at = :next",
            "attribute_not_exists(next_at) OR next_at < :now",
            {":next": now + width, ":now": now},
        )
        return None if taken is None else now

    def _update(self, name: str, update: str, condition: str, values: dict[str, int]) -> int | None:
        """The `next_at` before the update (0 if there was none), None if the condition failed."""
        dynamodb = self._clients.dynamodb
        try:
            updated = dynamodb.call(
                "UpdateItem",
                TableName=self._table,
                Key={"pk": {"S": f"quota#{name}"}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={k: {"N": str(v)} for k, v in values.items()},
                ReturnValues="UPDATED_OLD",
            )
        except ConditionFailed:
            return None
        old = updated.get("Attributes", {}).get("next_at")
        return int(old["N"]) if old else 0
