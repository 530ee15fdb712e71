"""The Heartbeats port on DynamoDB: one item per name."""

from __future__ import annotations

from liveproof.clouds.aws.clients import Clients
from liveproof.heartbeats import Heartbeat


class DynamoHeartbeats:
    """The items of the table whose key begins with `heartbeat#`."""

    def __init__(self, clients: Clients, table: str) -> None:
        self._clients, self._table = clients, table

    def beat(self, name: str, at: int, detail: str = "") -> None:
        item = {"pk": {"S": _key(name)}, "beat_at": {"N": str(at)}, "detail": {"S": detail}}
        self._clients.dynamodb.call("PutItem", TableName=self._table, Item=item)

    def last(self, name: str) -> Heartbeat | None:
        item = self._clients.dynamodb.call(
            "GetItem", TableName=self._table, Key={"pk": {"S": _key(name)}}, ConsistentRead=True
        ).get("Item")
        return Heartbeat(int(item["beat_at"]["N"]), item["detail"]["S"]) if item else None


def _key(name: str) -> str:
    return f"heartbeat#{name}"
