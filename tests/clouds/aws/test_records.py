"""The Records port on DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import TransactionCanceled
from liveproof.clouds.aws.items import EARLY_MS
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain import delivery_transitions, lifecycle
from liveproof.domain.audit import CLIENT
from liveproof.domain.filter import Filter
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Attempt, Decision, DeliveryState, Verification
from liveproof.ports import Conflict, IdempotencyConflict
from tests.support.aws import TABLE, ttl_attribute
from tests.support.dynamo_records import DynamoRecordsContract
from tests.support.round_trips import noted
from tests.support.verifications import DAY_MS, NOW, claim, numbered, settled, verdict, verification


class TestDynamoRecords(DynamoRecordsContract):
    @pytest.fixture
    def records(self, clients: Clients) -> DynamoRecords:
        return DynamoRecords(clients, TABLE, record_days=30)


def item(clients: Clients, key: str) -> dict[str, Any]:
    response = clients.dynamodb.call("GetItem", TableName=TABLE, Key={"pk": {"S": key}})
    return dict(response["Item"])


def finished() -> Verification:
    decided = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
    attempt = Attempt(at=NOW, latency_ms=1, status=204)
    return delivery_transitions.attempt_recorded(decided, attempt, DeliveryState.DELIVERED, None)


def test_only_a_finished_verification_is_forgotten_by_the_table(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    waiting = records.save(verification())
    assert ttl_attribute() not in item(clients, waiting.id)

    done = records.save(finished())

    stored = item(clients, done.id)
    assert int(stored[ttl_attribute()]["N"]) == NOW // 1000 + 30 * 86_400
    assert "due_at" not in stored
    assert "due_partition" not in stored


def test_a_record_at_its_longest_back_off_is_deleted_some_day_unless_it_is_saved(
    clients: Clients,
) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    saved = records.save(verification(due_at=NOW))
    kept = []
    for now in (NOW, NOW + 15, NOW + 86_400_000):
        (due,) = records.due(now, 10)
        records.back_off(due, now, 15, 30)
        kept.append(item(clients, saved.id).get(ttl_attribute()))

    assert kept == [None, *[{"N": str(NOW // 1000 + 30 * 86_400)}] * 2]
    records.save(saved)
    assert ttl_attribute() not in item(clients, saved.id)


def test_without_a_number_of_days_each_record_is_kept_as_long_as_before(clients: Clients) -> None:
    for number, days in ((1, 30), (2, 60)):
        done = replace(finished(), id=numbered(number).id)
        DynamoRecords(clients, TABLE, record_days=days).save(done)
    records = DynamoRecords(clients, TABLE, record_days=None)
    loaded = [records.load(numbered(number).id) for number in (1, 2)]

    for record in filter(None, loaded):
        assert records.save(record).version == 2

    kept = [int(item(clients, numbered(n).id)[ttl_attribute()]["N"]) for n in (1, 2)]
    assert kept == [NOW // 1000 + days * 86_400 for days in (30, 60)]


def test_only_the_table_deletes(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    done = records.save(finished())

    assert records.delete_expired(NOW + 365 * DAY_MS, 10) == 0
    assert records.load(done.id) == done


def test_a_delivery_that_starts_again_is_not_forgotten_meanwhile(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    done = records.save(finished())
    again = records.save(delivery_transitions.delivery_restarted(done, NOW + 5, CLIENT))

    assert ttl_attribute() not in item(clients, again.id)
    assert item(clients, again.id)["due_at"]["N"] == str(NOW + 5)


def times(clients: Clients, key: str) -> tuple[int, int | None]:
    """The time that the index has, and the right one if that is another."""
    stored = item(clients, key)
    right = stored.get("not_before")
    return int(stored["due_at"]["N"]) - NOW, right and int(right["N"]) - NOW


def test_a_lease_leaves_the_index_as_it_is(clients: Clients) -> None:
    first = DynamoRecords(clients, TABLE, record_days=30)
    saved = first.save(verification(due_at=NOW))
    second = DynamoRecords(clients, TABLE, record_days=30)
    loaded = second.load(saved.id)
    assert loaded is not None

    leased = second.save(lifecycle.postponed(loaded, NOW + 125_000))
    assert times(clients, saved.id) == (0, 125_000)
    longest = second.save(lifecycle.postponed(leased, NOW + EARLY_MS))
    assert times(clients, saved.id) == (0, EARLY_MS)
    later = second.save(lifecycle.postponed(longest, NOW + EARLY_MS + 1))
    assert times(clients, saved.id) == (EARLY_MS + 1, None)
    second.save(lifecycle.postponed(later, NOW + 5))
    assert times(clients, saved.id) == (5, None)


def test_a_time_that_the_sweep_moved_is_no_reason_to_be_late(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    saved = records.save(verification(due_at=NOW))
    (due,) = records.due(NOW, 10)
    records.back_off(due, NOW, 15_000, 60_000)
    loaded = DynamoRecords(clients, TABLE, record_days=30).load(saved.id)
    assert loaded is not None

    records.save(lifecycle.postponed(loaded, NOW + 5))

    assert times(clients, saved.id) == (0, 5)
    assert "next_backoff" not in item(clients, saved.id)


def test_idempotency_keys_are_forgotten_by_the_table(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    records.save(verification(), claim("digest"))

    stored = item(clients, "idempotency#digest")
    assert int(stored[ttl_attribute()]["N"]) == claim().expires_at // 1000


def test_a_taken_key_is_told_without_another_request(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    records.save(numbered(1), claim())

    with noted() as trips, pytest.raises(IdempotencyConflict):
        records.save(numbered(2), claim())

    assert [trip.what for trip in trips] == ["TransactWriteItems"]


def test_reads_are_consistent_with_the_last_write(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto has no eventually consistent reads: the requests have to ask for the other kind."""
    records = DynamoRecords(clients, TABLE, record_days=30)
    saved = records.save(verification(), claim("key"))
    requests: list[tuple[str, Any]] = []
    call = clients.dynamodb.call

    def note(operation: str, **request: Any) -> Any:
        requests.append((operation, request.get("ConsistentRead")))
        return call(operation, **request)

    monkeypatch.setattr(clients.dynamodb, "call", note)

    assert records.load(saved.id) == saved
    assert records.claimed("key", NOW) is not None
    assert requests == [("GetItem", True), ("GetItem", True)]


def test_a_filter_that_finds_little_still_walks_the_whole_list(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    old = records.save(verification(id=f"ver_{0:026d}"))
    for number in range(1, 130):
        entry = verification(id=f"ver_{number:026d}")
        records.save(replace(entry, status=finished().status, due_at=None))

    page = records.recent("shop", Filter(status=old.status), 5, None)

    assert page.verifications == (old,)
    assert page.cursor is None


def test_a_million_bytes_of_unfinished_work_are_paged_through(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    for number in range(520):
        records.save(verification(id=f"ver_{number:026d}", due_at=NOW + number))

    assert len(list(records.due(NOW + 10_000, 2_000))) == 520
    assert len(list(records.due(NOW + 10_000, 510))) == 510


def _repeated_by_the_sdk(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write reaches the table, its answer is lost, and the SDK sends it again."""
    call = clients.dynamodb.call

    def twice(operation: str, /, **parameters: Any) -> Any:
        call(operation, **parameters)
        return call(operation, **parameters)

    monkeypatch.setattr(clients.dynamodb, "call", twice)


def test_a_write_that_the_sdk_repeats_because_its_answer_was_lost_is_no_conflict(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    _repeated_by_the_sdk(clients, monkeypatch)

    first = records.save(verification())
    second = records.save(lifecycle.postponed(first, NOW + 1))

    assert records.load(first.id) == second
    assert second.version == 2


def test_the_same_change_by_two_writers_is_one_write_and_one_conflict(clients: Clients) -> None:
    records = DynamoRecords(clients, TABLE, record_days=30)
    stored = records.save(verification())
    change = lifecycle.postponed(stored, NOW + 1)

    records.save(change)
    with pytest.raises(Conflict):
        records.save(change)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
@pytest.mark.parametrize(
    ("created_at", "refusal"),
    [(NOW + 4, IdempotencyConflict), (NOW + 5, Conflict), (NOW + 6, Conflict)],
)
def test_a_claim_stands_for_its_verification_when_a_transaction_is_cancelled_until_it_expires(
    clients: Clients,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    created_at: int,
    refusal: type[Exception],
) -> None:
    """The table deletes expired claims late, and one led to the verification of another day."""
    records = DynamoRecords(clients, TABLE, record_days=30)
    records.save(numbered(1), claim(expires_at=NOW + 5))
    send = clients.dynamodb.call

    def cancel(operation: str, /, **parameters: Any) -> dict[str, Any]:
        if operation != "TransactWriteItems":
            return send(operation, **parameters)
        document = {"CancellationReasons": [{"Code": reason}, {"Code": "None"}]}
        raise TransactionCanceled(operation, 400, "TransactionCanceledException", document)

    monkeypatch.setattr(clients.dynamodb, "call", cancel)

    with pytest.raises(refusal):
        records.save(numbered(2, created_at=created_at), claim(expires_at=NOW + 10))
