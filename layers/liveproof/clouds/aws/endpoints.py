"""The Endpoints port on DynamoDB: one item per client in the deployment's table.

    health      `Health` as JSON; missing for an endpoint that was never heard of
    p0, p1, ... when each permit was taken (ms)
    turn, next_turn

Each update names only what it changes, under the condition that `health` is what it was when the
update was decided. As long as an endpoint is well, `health` does not change, so attempts at the
same time do not disturb one another. A refused update returns the item: the next one is right. A
function remembers `health` and the number of its last permit, and so mostly needs one update and no
read. The
condition is on the text as it was read: a version before or after this one may write another text.

An update whose answer was lost is sent again and then refused: a permit is lost until its lease
ends, or a turn is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.domain.endpoint_health import (
    Change,
    Health,
    Policy,
    Report,
    after_attempt,
    change_of,
)
from liveproof.domain.endpoint_permits import (
    OUTCOME_MS,
    PERMIT_MS,
    Endpoint,
    Permit,
    Queue,
    Turn,
    free_permit,
    limit,
    may_probe,
    queue,
    record_test,
    take_permit,
    turn_of,
)

_TRIES = 50
"""More than functions run at once (`deliveriesConcurrency`), of which one at least succeeds."""

_T = TypeVar("_T")


class _Seen(NamedTuple):
    """An item, as far as it is known.

    Attributes:
        text: of `health`, empty if the item has none.
        is_stored: the item was read, with its permits and queues; else only `health` is remembered.
    """

    endpoint: Endpoint
    text: str
    is_stored: bool


class _Refused(Exception):
    """The item is not in the state that an update assumed."""

    def __init__(self, seen: _Seen) -> None:
        super().__init__()
        self.seen = seen


class DynamoEndpoints:
    """The items of the endpoints."""

    def __init__(self, clients: Clients, table: str, policy: Policy) -> None:
        self._clients = clients
        self._table = table
        self._policy = policy
        # As last seen, by client.
        self._health: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def load(self, client: str) -> Endpoint:
        return self._read(client).endpoint

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        def attempt(seen: _Seen) -> Permit | Turn:
            if seen.endpoint.health.paused_at and not seen.is_stored:
                raise _Refused(self._read(client))  # whose turn it is, is in the item
            endpoint, health = seen.endpoint, seen.endpoint.health
            if health.paused_at and may_probe(health, now, waited=waited):
                return self._begin_probe(client, seen, now, waited=waited)
            number = None
            if not health.paused_at:
                number = free_permit(endpoint, self._policy, now, self._numbers.get(client, 0))
            if number is not None:
                self._take(client, seen, number, now)
                self._numbers[client] = number
                return Permit(client, number, now, is_probe=False, health=health)
            place = queue(endpoint, self._policy, now, waited=waited)
            if place.last is not None and max(endpoint.turn, place.first) > place.last:
                return turn_of(health, place.last, now)
            return turn_of(health, self._queue(client, seen, place), now)

        return self._retry(client, attempt)

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        name, taken_at = f"p{permit.number}", permit.taken_at

        def attempt(seen: _Seen) -> Change:
            before = seen.endpoint.health
            after = after_attempt(before, self._policy, report, now)
            change = change_of(before, after, report, now)
            mine = not seen.is_stored or seen.endpoint.permits.get(permit.number) == taken_at
            if not mine and after == before:
                return change
            values: dict[str, Any] = {":taken": taken_at} if mine else {}
            changed = []
            if after != before:
                changed.append("health = :after")
                values[":after"] = _encode(after)
            if change.paused:
                changed.append("turn = :zero, next_turn = :next")
                values |= {":zero": 0, ":next": after.probe_at + OUTCOME_MS}
            self._update(
                permit.client,
                (f"SET {', '.join(changed)}" if changed else "")
                + (f" REMOVE {name}" if mine else ""),
                f"{name} = :taken" if mine else None,
                seen,
                values,
            )
            return change

        return self._retry(permit.client, attempt)

    def record_test(self, client: str, report: Report, now: int) -> Change:
        def attempt(seen: _Seen) -> Change:
            row, change = record_test(seen.endpoint, report, now)
            values = {":after": _encode(row.health)}
            self._update(client, "SET health = :after", None, seen, values)
            return change

        return self._retry(client, attempt)

    def _read(self, client: str) -> _Seen:
        answer = self._clients.dynamodb.call(
            "GetItem", TableName=self._table, Key=_key(client), ConsistentRead=True
        )
        return _seen(answer.get("Item"))

    def _take(self, client: str, seen: _Seen, number: int, now: int) -> None:
        # An endpoint that was well until now may have attempts in flight with any number.
        alone = limit(seen.endpoint.health, self._policy) == 1
        free = range(self._policy.in_flight) if alone else [number]
        self._update(
            client,
            f"SET p{number} = :now",
            " AND ".join(f"(attribute_not_exists(p{n}) OR p{n} <= :ended)" for n in free),
            seen,
            {":now": now, ":ended": now - PERMIT_MS},
        )

    def _begin_probe(self, client: str, seen: _Seen, now: int, *, waited: bool) -> Permit | Turn:
        """The queues are those of the item, so they have to be as they were read."""
        row, permit = take_permit(seen.endpoint, self._policy, client, now, waited=waited)
        self._update(
            client,
            "SET health = :after, p0 = :now, turn = :turn, next_turn = :next",
            "(attribute_not_exists(next_turn) OR next_turn = :seen)",
            seen,
            {
                ":after": _encode(row.health),
                ":now": now,
                ":turn": row.turn,
                ":next": row.next_turn,
                ":seen": seen.endpoint.next_turn,
            },
        )
        return permit

    def _queue(self, client: str, seen: _Seen, place: Queue) -> int:
        """Take a turn; its time. An update assumes that there is a queue, or that there is none."""
        name = "next_turn" if place.next_round else "turn"
        end = seen.endpoint.next_turn if place.next_round else seen.endpoint.turn
        if seen.is_stored and end < place.first:
            self._update(
                client,
                f"SET {name} = :end",
                f"(attribute_not_exists({name}) OR {name} < :first)",
                seen,
                {":first": place.first, ":end": place.end},
            )
            return place.first
        values = {":first": place.first, ":spacing": place.spacing_ms}
        condition = f"{name} >= :first"
        if place.last is not None:
            values[":last"] = place.last
            condition = f"{name} BETWEEN :first AND :last"
        item = self._update(client, f"SET {name} = {name} + :spacing", condition, seen, values)
        return int(item[name]["N"])

    def _retry(self, client: str, attempt: Callable[[_Seen], _T]) -> _T:
        """What the attempt returns: on what is remembered of the item, then on what is stored."""
        text = self._health.get(client)
        if text is None:
            seen = self._read(client)  # a read costs less than a write that is refused
        else:
            seen = _Seen(Endpoint(health=_decode(text)), text, is_stored=False)
        for _ in range(_TRIES):
            try:
                return attempt(seen)
            except _Refused as refused:
                seen = refused.seen
                self._health[client] = seen.text
        raise RuntimeError("the item of an endpoint could not be changed")

    def _update(
        self,
        client: str,
        update: str,
        condition: str | None,
        seen: _Seen,
        values: Mapping[str, int | str],
    ) -> Any:
        """Change an item whose `health` is as it was seen. `:after` is its new `health`.

        Returns:
            The attributes that changed, as they were before.

        Raises:
            _Refused: with the item.
        """
        conditions = [condition] if condition else []
        attributes = {name: _attribute(value) for name, value in values.items()}
        if seen.text:
            conditions.append("health = :health")
            attributes[":health"] = _attribute(seen.text)
        else:
            conditions.append("attribute_not_exists(health)")
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(client),
            "UpdateExpression": update.strip(),
            "ConditionExpression": " AND ".join(conditions),
            "ReturnValues": "UPDATED_OLD",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if attributes:
            request["ExpressionAttributeValues"] = attributes
        try:
            answer = self._clients.dynamodb.call("UpdateItem", **request)
        except ConditionFailed as failed:
            raise _Refused(_seen(failed.document.get("Item"))) from None
        self._health[client] = str(values.get(":after", seen.text))
        return answer.get("Attributes")


def _key(client: str) -> dict[str, Any]:
    return {"pk": {"S": f"endpoint#{client}"}}


def _attribute(value: int | str) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def _encode(health: Health) -> str:
    return msgspec.json.encode(health).decode()


def _decode(text: str) -> Health:
    """A text that this version cannot read is as good as none: the next outcome replaces it."""
    try:
        return msgspec.json.decode(text, type=Health) if text else Health()
    except msgspec.MsgspecError:
        return Health()


def _seen(item: Any) -> _Seen:
    fields: dict[str, Any] = item or {}
    numbers = {name: int(value["N"]) for name, value in fields.items() if "N" in value}
    text = fields["health"]["S"] if "health" in fields else ""
    endpoint = Endpoint(
        health=_decode(text),
        permits={int(name[1:]): at for name, at in numbers.items() if name[1:].isdigit()},
        turn=numbers.get("turn", 0),
        next_turn=numbers.get("next_turn", 0),
    )
    return _Seen(endpoint, text, is_stored=True)
