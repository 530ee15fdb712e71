"""A client's verifications, newest first: ids from the index `by_client`, then their items.

The index has keys only, and neither ever changes. So a verification is written into it once, not
with every change of its record.
"""

from __future__ import annotations

import random
import time
from typing import Any

from liveproof.clouds.aws import indexes
from liveproof.clouds.aws.api import JsonApi
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.items import verification_of
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.observability import Event, record_failure
from liveproof.ports import Page, RecordUnreadable

_PAGES_PER_LISTING = 20
_PAGE_WITH_FILTER = 50
_MOST_KEYS = 100
"""BatchGetItem takes no more."""

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

    def recent(self, client: str, status: Status | None, limit: int, cursor: str | None) -> Page:
        if cursor is not None and not is_verification_id(cursor):
            raise ValueError("not a cursor")
        readable: list[Verification] = []
        page_size = min(_MOST_KEYS, limit if status is None else max(limit, _PAGE_WITH_FILTER))
        after = cursor
        for _ in range(_PAGES_PER_LISTING):
            ids, more = self._ids(client, page_size, after)
            items = self._items(ids)
            for after in ids:
                item = items.get(after)
                if item is None or (status and item["status"]["S"] != status.value):
                    continue
                try:
                    readable.append(verification_of(item))
                except RecordUnreadable as error:
                    record_failure(Event.RECORD_LEFT_OUT, error, verification=after)
                if len(readable) == limit:
                    return Page(tuple(readable), after)
            if more is None:
                return Page(tuple(readable), None)
            after = more
        return Page(tuple(readable), after)

    def _ids(self, client: str, limit: int, after: str | None) -> tuple[list[str], str | None]:
        """Ids after an id, and the id to continue from; None at the end of the list."""
        parameters: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "client = :client",
            "ExpressionAttributeValues": {":client": {"S": client}},
            "ProjectionExpression": "pk",
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            parameters["ExclusiveStartKey"] = {"client": {"S": client}, "pk": {"S": after}}
        page = indexes.query(self._dynamodb, indexes.BY_CLIENT, **parameters)
        last = page.get("LastEvaluatedKey")
        return [item["pk"]["S"] for item in page["Items"]], last["pk"]["S"] if last else None

    def _items(self, ids: list[str]) -> dict[str, Any]:
        """The items by id; without those that are deleted. Raises TimeoutError."""
        items: dict[str, Any] = {}
        wanted: Any = {self._table: {"Keys": [{"pk": {"S": id}} for id in ids]}} if ids else {}
        for number in range(_BATCH_TRIES):
            if not wanted:
                return items
            if number:
                # Full jitter: those that were throttled together do not return together.
                longest = _FIRST_PAUSE_SECONDS * 2**number
                time.sleep(random.uniform(0, longest))  # noqa: S311 - not a secret
            batch = self._dynamodb.call("BatchGetItem", RequestItems=wanted)
            for item in batch["Responses"].get(self._table, []):
                items[item["pk"]["S"]] = item
            wanted = batch.get("UnprocessedKeys")
        if wanted:
            raise TimeoutError("DynamoDB returned only a part of a batch, again and again")
        return items
