"""The Records port on DynamoDB: one item per verification, changed by conditional writes only.

An item has the verification as JSON in `record`, and the attributes that conditions and indexes
need: `version`, `status`, `client`, and while unfinished `due_partition` with `due_at`.
`next_backoff`, the length (ms) of the next back-off, exists from a back-off to the next save.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from liveproof.clouds.aws.clients import Clients
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import Status, allowed_before, parse_status
from liveproof.domain.verification import Verification
from liveproof.observability import Event, record_failure
from liveproof.ports import (
    Conflict,
    Due,
    IdempotencyClaim,
    IdempotencyConflict,
    Page,
    RecordUnreadable,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DAY_SECONDS = 24 * 60 * 60
_DUE_PARTITION = "due"
_PAGES_PER_LISTING = 20


class DynamoRecords:
    """The deployment's table.

    Args:
        record_days: days after its creation that a finished verification is kept.
    """

    def __init__(self, clients: Clients, table: str, record_days: int) -> None:
        self._clients = clients
        self._table = table
        self._record_days = record_days

    @property
    def _dynamodb(self) -> DynamoDBClient:
        return self._clients.dynamodb

    def load(self, verification_id: str) -> Verification | None:
        item = self._dynamodb.get_item(
            TableName=self._table, Key={"pk": {"S": verification_id}}, ConsistentRead=True
        ).get("Item")
        return None if item is None else _verification(item)

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        saved = replace(verification, version=verification.version + 1)
        put: Any = {
            "TableName": self._table,
            "Item": self._item(saved),
            **_condition(verification),
        }
        if claim is not None:
            return self._save_claimed(saved, put, claim)
        # The SDK retries a write whose answer was lost. The retry finds the version changed: by its
        # own first attempt, if the item has its token.
        token = {"S": secrets.token_hex(8)}
        put["Item"]["write"] = token
        put["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            self._dynamodb.put_item(**put)
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            response: Any = error.response
            if response.get("Item", {}).get("write") != token:
                raise Conflict(f"{verification.id} has changed") from None
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
            self._dynamodb.transact_write_items(TransactItems=[{"Put": claimed}, {"Put": put}])
        except self._dynamodb.exceptions.TransactionCanceledException as error:
            first: Any = error.response.get("CancellationReasons", [{}])[0]
            earlier: Any = first.get("Item") or self._claim_item(claim.key)
            if earlier is None:
                # Cancelled by a transaction at the same moment, whose claim is not there yet.
                raise Conflict(f"{saved.id} could not be created") from None
            raise IdempotencyConflict(
                earlier["verification"]["S"], earlier["fingerprint"]["S"]
            ) from None
        return saved

    def _claim_item(self, key: str) -> Any:
        return self._dynamodb.get_item(
            TableName=self._table, Key={"pk": {"S": f"idempotency#{key}"}}, ConsistentRead=True
        ).get("Item")

    def due(self, before: int, limit: int) -> Iterator[Due]:
        query: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "due",
            "KeyConditionExpression": "due_partition = :partition AND due_at <= :before",
            "ExpressionAttributeValues": {
                ":partition": {"S": _DUE_PARTITION},
                ":before": {"N": str(before)},
            },
        }
        while limit > 0:
            page = self._dynamodb.query(**query, Limit=min(limit, 500))
            for item in page["Items"]:
                status = parse_status(item.get("status", {}).get("S"))
                yield Due(item["pk"]["S"], status, int(item["due_at"]["N"]))
            limit -= len(page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        moved = self._update_due_time(
            due,
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
            "SET due_at = :until, #ttl = if_not_exists(#ttl, :kept_until)",
            "next_backoff >= :longest",
            {
                ":until": now + longest,
                ":longest": longest,
                ":kept_until": now // 1000 + self._record_days * _DAY_SECONDS,
            },
            {"#ttl": "ttl"},
        )
        return None if last is None else last - now

    def _update_due_time(
        self,
        due: Due,
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
            "ConditionExpression": f"due_at = :seen AND ({condition})",
            "ExpressionAttributeValues": {
                name: {"N": str(value)} for name, value in {**values, ":seen": due.due_at}.items()
            },
            "ReturnValues": "UPDATED_NEW",
        }
        if names is not None:
            update["ExpressionAttributeNames"] = names
        try:
            updated = self._dynamodb.update_item(**update)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return int(updated["Attributes"]["due_at"]["N"])

    def recent(self, client: str, status: Status | None, limit: int, cursor: str | None) -> Page:
        if cursor is not None and not is_verification_id(cursor):
            raise ValueError("not a cursor")
        readable: list[Verification] = []
        after = cursor
        for _ in range(_PAGES_PER_LISTING):
            items, more = self._recent_items(client, status, limit, after)
            for item in items:
                after = item["pk"]["S"]
                try:
                    readable.append(_verification(item))
                except RecordUnreadable as error:
                    record_failure(Event.RECORD_LEFT_OUT, error, verification=after)
                if len(readable) == limit:
                    return Page(tuple(readable), after)
            if more is None:
                return Page(tuple(readable), None)
            after = more
        return Page(tuple(readable), after)

    def delete_expired(self, now: int, limit: int) -> int:
        return 0  # DynamoDB deletes by `ttl` itself.

    def _recent_items(
        self, client: str, status: Status | None, limit: int, after: str | None
    ) -> tuple[list[Any], str | None]:
        """Items after a key, and the key to continue from; None at the end of the list."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "recent",
            "KeyConditionExpression": "client = :client",
            "ExpressionAttributeValues": {":client": {"S": client}},
            "ScanIndexForward": False,
            "Limit": max(limit, 50) if status else limit,
        }
        if status is not None:
            query["FilterExpression"] = "#status = :status"
            query["ExpressionAttributeNames"] = {"#status": "status"}
            query["ExpressionAttributeValues"][":status"] = {"S": status.value}
        if after is not None:
            query["ExclusiveStartKey"] = {"client": {"S": client}, "pk": {"S": after}}
        page = self._dynamodb.query(**query)
        last: Any = page.get("LastEvaluatedKey")
        return page["Items"], last["pk"]["S"] if last else None

    def _item(self, verification: Verification) -> dict[str, Any]:
        item: dict[str, Any] = {
            "pk": {"S": verification.id},
            "record": {"S": msgspec.json.encode(verification).decode()},
            "version": {"N": str(verification.version)},
            "status": {"S": verification.status.value},
            "client": {"S": verification.client},
        }
        if verification.due_at is not None:
            item["due_partition"] = {"S": _DUE_PARTITION}
            item["due_at"] = {"N": str(verification.due_at)}
        else:
            kept_until = verification.created_at // 1000 + self._record_days * _DAY_SECONDS
            item["ttl"] = {"N": str(kept_until)}
        return item


def _verification(item: Any) -> Verification:
    try:
        return msgspec.json.decode(item["record"]["S"], type=Verification)
    except (KeyError, msgspec.MsgspecError, UnicodeError):
        raise RecordUnreadable(f"the record of {item['pk']['S']} cannot be read") from None


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
