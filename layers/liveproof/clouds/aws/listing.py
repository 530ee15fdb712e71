"""A client's verifications, newest first: ids from the index `by_client`, then their items.

The index has keys only, and neither ever changes. So a verification is written into it once, not
with every change of its record.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from liveproof.clouds.aws import indexes
from liveproof.clouds.aws.api import JsonApi
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.items import decode_verification
from liveproof.clouds.filtered_pages import filtered_page
from liveproof.domain.filter import Filter
from liveproof.domain.verification import Verification
from liveproof.ports import Page

_BATCH_TRIES = 6
_FIRST_PAUSE_SECONDS = 0.02


class Listing:
    """`recent` of `ports.Records`."""

    def __init__(self, clients: Clients, table: str) -> None:
        self._clients = clients
        self._table = table

    @property
    def _dynamodb(self) -> JsonApi:
        return self._clients.dynamodb

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        def read(after: str | None, most: int) -> tuple[Sequence[tuple[str, Any]], str | None]:
            ids, more = self._ids(client, criteria, most, after)
            items = self._items(ids)
            return [(id, items[id]) for id in ids if id in items], more

        def decode(item: Any) -> Verification | None:
            if criteria.state is not None and item["status"]["S"] != criteria.state.value:
                return None
            return decode_verification(item)

        return filtered_page(criteria, limit, cursor, read, decode)

    def _ids(
        self, client: str, criteria: Filter, limit: int, after: str | None
    ) -> tuple[list[str], str | None]:
        """Ids after an id, and the id to continue from; None at the end of the list."""
        if after is not None and _is_end(after, criteria):
            return [], None
        values = {
            # BETWEEN includes both ends. No verification has the latter's id.
            ":client": {"S": client},
            ":first": {"S": criteria.first_id},
            ":end": {"S": criteria.end_id},
        }
        parameters: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "client = :client AND pk BETWEEN :first AND :end",
            "ExpressionAttributeValues": values,
            "ProjectionExpression": "pk",
            "ScanIndexForward": criteria.oldest_first,
            "Limit": limit,
        }
        # DynamoDB refuses a key out of the range.
        if after is not None and criteria.first_id <= after < criteria.end_id:
            parameters["ExclusiveStartKey"] = {"client": {"S": client}, "pk": {"S": after}}
        page = indexes.query(self._dynamodb, indexes.BY_CLIENT, **parameters)
        last = page.get("LastEvaluatedKey")
        return [item["pk"]["S"] for item in page["Items"]], last["pk"]["S"] if last else None

    def _items(self, ids: list[str]) -> dict[str, Any]:
        """The items by id; without those that are deleted. Raises TimeoutError."""
        items: dict[str, Any] = {}
        remaining: Any = {self._table: {"Keys": [{"pk": {"S": id}} for id in ids]}} if ids else {}
        for number in range(_BATCH_TRIES):
            if not remaining:
                return items
            if number:
                # Full jitter: those that were throttled together do not return together.
                longest = _FIRST_PAUSE_SECONDS * 2**number
                time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads retries, guards nothing
            batch = self._dynamodb.call("BatchGetItem", RequestItems=remaining)
            for item in batch["Responses"].get(self._table, []):
                items[item["pk"]["S"]] = item
            remaining = batch.get("UnprocessedKeys")
        if remaining:
            raise TimeoutError("DynamoDB returned only a part of a batch, again and again")
        return items


def _is_end(after: str, criteria: Filter) -> bool:
    """Whether no id of the range can come after this one."""
    return after >= criteria.end_id if criteria.oldest_first else after <= criteria.first_id
