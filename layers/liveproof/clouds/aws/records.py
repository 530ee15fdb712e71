"""The Records port on DynamoDB: one item per verification, changed by conditional writes only.

`items.py` describes the item, `due.py` and `listing.py` its two indexes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from liveproof.clouds.aws.api import JsonApi
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.due import DueIndex
from liveproof.clouds.aws.errors import ConditionFailed, TransactionCanceled
from liveproof.clouds.aws.items import build_item, decode_verification, due_partitions
from liveproof.clouds.aws.listing import Listing
from liveproof.domain.filter import Filter
from liveproof.domain.states import allowed_before
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict, Due, IdempotencyClaim, IdempotencyConflict, Page

_MOST_REMEMBERED = 1_000


class DynamoRecords:
    """The deployment's table.

    Args:
        record_days: days after its creation that a finished verification is kept. None: as long as
            it was to be kept when it was loaded.
    """

    due_partitions = len(due_partitions())

    def __init__(self, clients: Clients, table: str, record_days: int | None) -> None:
        self._clients = clients
        self._table = table
        self._record_days = record_days
        self._due = DueIndex(clients, table, record_days or 0)
        self._listing = Listing(clients, table)
        # What the index `unfinished` has for the versions that this function saw last.
        self._listed: dict[tuple[str, int], int] = {}
        self._kept: dict[tuple[str, int], Any] = {}

    @property
    def _dynamodb(self) -> JsonApi:
        return self._clients.dynamodb

    def load(self, verification_id: str) -> Verification | None:
        item = self._dynamodb.call(
            "GetItem",
            TableName=self._table,
            Key={"pk": {"S": verification_id}},
            ConsistentRead=True,
        ).get("Item")
        if item is None:
            return None
        verification = decode_verification(item)
        self._remember(verification, item)
        return verification

    def _remember(self, verification: Verification, item: Any) -> None:
        if len(self._listed) >= _MOST_REMEMBERED:
            self._listed.clear()
            self._kept.clear()
        if "due_at" in item:
            self._listed[verification.id, verification.version] = int(item["due_at"]["N"])
        elif self._record_days is None:
            self._kept[verification.id, verification.version] = item["ttl"]

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        saved = replace(verification, version=verification.version + 1)
        listed_at = self._listed.pop((verification.id, verification.version), None)
        put: Any = {
            "TableName": self._table,
            "Item": build_item(saved, self._record_days or 0, listed_at),
            **_condition(verification),
        }
        if self._record_days is None and "ttl" in put["Item"]:
            put["Item"]["ttl"] = self._kept.pop((verification.id, verification.version))
        if claim is not None:
            return self._save_claimed(saved, put, claim)
        # A write is retried if its answer was lost. The retry finds the version changed: by its own
        # first attempt, if the item has its token.
        token = {"S": secrets.token_hex(8)}
        put["Item"]["write"] = token
        put["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            self._dynamodb.call("PutItem", **put)
        except ConditionFailed as failed:
            if failed.document.get("Item", {}).get("write") != token:
                raise Conflict(f"{verification.id} has changed") from None
        self._remember(saved, put["Item"])
        return saved

    def _save_claimed(self, saved: Verification, put: Any, claim: IdempotencyClaim) -> Verification:
        claimed: Any = {
            "TableName": self._table,
            "Item": {
                "pk": {"S": f"idempotency#{claim.key}"},
                "verification": {"S": saved.id},
                "fingerprint": {"S": claim.fingerprint},
                "expires_at": {"N": str(claim.expires_at)},
                "ttl": {"N": str(claim.expires_at // 1000)},
            },
            # DynamoDB deletes expired items late, so an expired claim may still be there.
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
            "ExpressionAttributeValues": {":now": {"N": str(saved.created_at)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._dynamodb.call(
                "TransactWriteItems",
                TransactItems=[{"Put": claimed}, {"Put": put}],
                # A retry of a transaction whose answer was lost succeeds without a second write.
                ClientRequestToken=secrets.token_hex(16),
            )
        except TransactionCanceled as canceled:
            first: Any = canceled.document.get("CancellationReasons", [{}])[0]
            # Without an item, it was cancelled by a transaction at the same moment, or throttled.
            item: Any = first.get("Item") or self._claim_item(claim.key)
            earlier = _live(item, saved.created_at)
            if earlier is None:
                raise Conflict(f"{saved.id} could not be created") from None
            raise IdempotencyConflict(*earlier) from None
        return saved

    def claimed(self, key: str, now: int) -> tuple[str, str] | None:
        return _live(self._claim_item(key), now)

    def _claim_item(self, key: str) -> Any:
        return self._dynamodb.call(
            "GetItem",
            TableName=self._table,
            Key={"pk": {"S": f"idempotency#{key}"}},
            ConsistentRead=True,
        ).get("Item")

    def due(self, before: int, limit: int) -> Iterator[Due]:
        return self._due.due(before, limit)

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        return self._due.back_off(due, now, first, longest)

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        return self._listing.recent(client, criteria, limit, cursor)

    def delete_expired(self, now: int, limit: int) -> int:
        return 0  # DynamoDB deletes by `ttl` itself.


def _live(claim: Any, now: int) -> tuple[str, str] | None:
    """The verification and fingerprint of a claim's item; None for none, or one that is over."""
    if claim is None or int(claim["expires_at"]["N"]) <= now:
        return None
    return claim["verification"]["S"], claim["fingerprint"]["S"]


def _condition(verification: Verification) -> dict[str, Any]:
    """The version that may be replaced, and the states that the state table allows before it."""
    if verification.version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    before = {
        f":before{i}": {"S": status.value}
        for i, status in enumerate(allowed_before(verification.status))
    }
    return {
        "ConditionExpression": f"version = :version AND #status IN ({', '.join(before)})",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":version": {"N": str(verification.version)}, **before},
    }
