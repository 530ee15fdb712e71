"""What is due, and backing off: the index `unfinished`, which is spread over several keys."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import islice
from typing import Any

from liveproof.clouds.aws import indexes
from liveproof.clouds.aws.api import JsonApi
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.clouds.aws.items import due_partitions, kept_until
from liveproof.domain.states import parse_status
from liveproof.ports import Due

_PAGE = 100
_IS_DUE = "(attribute_not_exists(not_before) OR not_before <= :recent)"


class DueIndex:
    """The unfinished verifications of the table, as `ports.Records` describes it."""

    def __init__(self, clients: Clients, table: str, record_days: int) -> None:
        self._clients = clients
        self._table = table
        self._record_days = record_days

    @property
    def _dynamodb(self) -> JsonApi:
        return self._clients.dynamodb

    def due(self, before: int, limit: int) -> Iterator[Due]:
        partitions = [
            self._due_in(partition, before, min(limit, _PAGE)) for partition in due_partitions()
        ]
        return islice(heapq.merge(*partitions, key=lambda due: due.due_at), limit)

    def _due_in(self, partition: str, before: int, page_size: int) -> Iterator[Due]:
        """What one key of the index has, by due time; a page is read when its first is needed."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "due_partition = :partition AND due_at <= :before",
            "ExpressionAttributeValues": {
                ":partition": {"S": partition},
                ":before": {"N": str(before)},
            },
            "Limit": page_size,
        }
        while True:
            page = indexes.query(self._dynamodb, indexes.UNFINISHED, **query)
            for item in page["Items"]:
                yield Due(
                    id=item["pk"]["S"],
                    status=parse_status(_text(item, "status")),
                    due_at=int(item["due_at"]["N"]),
                    check=_text(item, "check"),
                    client=_text(item, "client"),
                )
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        # What has been due for less than `first` may still start by itself.
        recent = now - first
        moved = self._update_due_time(
            due,
            recent,
            "SET due_at = :now + if_not_exists(next_backoff, :first),"
            " next_backoff = if_not_exists(next_backoff, :first)"
            " + if_not_exists(next_backoff, :first)",
            "attribute_not_exists(next_backoff) OR next_backoff < :longest",
            {":now": now, ":first": first, ":longest": longest},
        )
        if moved is not None:
            return moved - now
        last = self._update_due_time(
            due,
            recent,
            "SET due_at = :until, #ttl = if_not_exists(#ttl, :kept_until)",
            "next_backoff >= :longest",
            {
                ":until": now + longest,
                ":longest": longest,
                ":kept_until": kept_until(now, self._record_days),
            },
            {"#ttl": "ttl"},
        )
        return None if last is None else last - now

    def _update_due_time(
        self,
        due: Due,
        recent: int,
        change: str,
        condition: str,
        values: dict[str, int],
        names: dict[str, str] | None = None,
    ) -> int | None:
        """The new due time; None if the item had another due time or the condition failed."""
        update: Any = {
            "TableName": self._table,
            "Key": {"pk": {"S": due.id}},
            "UpdateExpression": change,
            "ConditionExpression": f"due_at = :seen AND {_IS_DUE} AND ({condition})",
            "ExpressionAttributeValues": {
                name: {"N": str(value)}
                for name, value in {**values, ":seen": due.due_at, ":recent": recent}.items()
            },
            "ReturnValues": "UPDATED_NEW",
        }
        if names is not None:
            update["ExpressionAttributeNames"] = names
        try:
            updated = self._dynamodb.call("UpdateItem", **update)
        except ConditionFailed:
            return None
        return int(updated["Attributes"]["due_at"]["N"])


def _text(item: Any, name: str) -> str | None:
    text: str | None = item.get(name, {}).get("S")
    return text
