"""The Limits port on DynamoDB: an item per counter, and one per remembered digest."""

from __future__ import annotations

from typing import Any

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.domain.limits import Counts, Most, taken

_NAMES = ("attempts", "open_count", "spend")


class DynamoLimits:
    """The counters and digests in the deployment's table."""

    def __init__(self, clients: Clients, table: str) -> None:
        self._clients = clients
        self._table = table

    def take(self, counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        """See `Limits.take`. An idle counter has no item."""
        taken(Counts(), added, most)  # more than a limit allows at all
        limited = [
            (name, highest - amount)
            for name, highest, amount in zip(_NAMES, most, added, strict=True)
            if highest is not None
        ]
        request: Any = {
            "UpdateExpression": f"SET #ttl = :ttl ADD {_additions()}",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": _numbers(
                {
                    ":ttl": keep_until // 1000,
                    **{f":{name}": amount for name, amount in zip(_NAMES, added, strict=True)},
                    **{f":most_{name}": before for name, before in limited},
                }
            ),
            "ReturnValues": "ALL_NEW",
        }
        if limited:
            request["ConditionExpression"] = " AND ".join(
                f"(attribute_not_exists({name}) OR {name} <= :most_{name})" for name, _ in limited
            )
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            answer = self._clients.dynamodb.call(
                "UpdateItem", **self._item("limit", counter), **request
            )
        except ConditionFailed as failed:
            taken(_counts(failed.document.get("Item")), added, most)
            raise AssertionError("the condition and the rule agree") from None
        return _counts(answer["Attributes"])

    def counts(self, counter: str) -> Counts:
        answer = self._clients.dynamodb.call(
            "GetItem", **self._item("limit", counter), ConsistentRead=True
        )
        return _counts(answer.get("Item"))

    def give_back(self, counter: str, back: Counts) -> None:
        values = {f":{name}": -amount for name, amount in zip(_NAMES, back, strict=True)}
        try:
            self._clients.dynamodb.call_at_most_once(
                "UpdateItem",
                **self._item("limit", counter),
                UpdateExpression=f"ADD {_additions()}",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues=_numbers(values),
            )
        except ConditionFailed:
            return  # its day is long over

    def remember(self, digest: str, until: int) -> None:
        self._clients.dynamodb.call(
            "UpdateItem",
            **self._item("rejected", digest),
            UpdateExpression="SET kept_until = :until, #ttl = :ttl",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues=_numbers({":until": until, ":ttl": until // 1000}),
        )

    def remembered_until(self, digest: str, now: int) -> int | None:
        item = self._clients.dynamodb.call(
            "GetItem", **self._item("rejected", digest), ConsistentRead=True
        ).get("Item")
        # DynamoDB deletes expired items late.
        until = 0 if item is None else int(item["kept_until"]["N"])
        return until if until > now else None

    def forget(self, digest: str) -> None:
        """See `Limits.forget`. No function may delete an item, so the table does, as of any other
        whose time is over; DynamoDB takes up to two days for that."""
        self.remember(digest, 0)

    def _item(self, kind: str, name: str) -> dict[str, Any]:
        return {"TableName": self._table, "Key": {"pk": {"S": f"{kind}#{name}"}}}


def _additions() -> str:
    return ", ".join(f"{name} :{name}" for name in _NAMES)


def _numbers(values: dict[str, int]) -> dict[str, Any]:
    return {name: {"N": str(value)} for name, value in values.items()}


def _counts(item: Any) -> Counts:
    fields = item or {}
    return Counts(*(int(fields[name]["N"]) if name in fields else 0 for name in _NAMES))
