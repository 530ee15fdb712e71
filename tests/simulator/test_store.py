"""The store and the quota in memory keep the promises of the ports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import pytest
from msgspec.structs import replace

from liveproof.domain.states import STATES, Status
from liveproof.endpoints import Endpoints
from liveproof.ports import Conflict, Records
from liveproof.quota import Quota
from simulator.endpoints import SimulatedEndpoints
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter
from simulator.quota import SimulatedQuota
from simulator.store import SimulatedRecords
from tests.support.endpoints_contract import POLICY, EndpointsContract
from tests.support.quota_contract import QuotaContract
from tests.support.records_contract import RecordsContract
from tests.support.verifications import NOW, numbered, verification


class Timeless:
    """An engine on which nothing takes time, so that a test may call without being a worker."""

    now = 0

    def hold(self, milliseconds: float) -> None:
        return


class Serial:
    """A port for threads, which interrupt each other as greenlets never do."""

    def __init__(self, port: Any) -> None:
        self._port, self._lock = port, threading.Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                result = method(*arguments, **named)
                return list(result) if isinstance(result, Iterator) else result

        return call


def memory_records() -> Records:
    timeless = cast(Engine, Timeless())
    records = SimulatedRecords(timeless, Latencies("aws", 1), Meter(), lambda _: None)
    return cast(Records, Serial(records))


PROMISES: Sequence[Callable[[RecordsContract, Records], None]] = [
    RecordsContract.test_a_saved_record_is_loaded_with_its_version,
    RecordsContract.test_a_record_that_was_never_saved_does_not_exist,
    RecordsContract.test_each_save_raises_the_version,
    RecordsContract.test_an_old_version_cannot_be_saved,
    RecordsContract.test_a_new_verification_replaces_none,
    RecordsContract.test_a_record_that_does_not_exist_cannot_be_changed,
    RecordsContract.test_of_many_writers_of_one_version_one_wins,
    RecordsContract.test_concurrent_changes_are_neither_lost_nor_doubled,
    RecordsContract.test_a_taken_key_leads_to_its_verification,
    RecordsContract.test_other_keys_do_not_meet,
    RecordsContract.test_an_expired_key_that_is_still_stored_is_free,
    RecordsContract.test_due_are_the_unfinished_in_order_of_their_time,
    RecordsContract.test_due_stops_at_its_limit,
    RecordsContract.test_due_follows_every_change,
]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_records_keep_what_every_store_promises(
    promise: Callable[[RecordsContract, Records], None],
) -> None:
    promise(RecordsContract(), memory_records())


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_records_refuse_forbidden_transitions(before: Status, after: Status) -> None:
    records = memory_records()
    change = replace(records.save(verification(status=before)), status=after)

    if after is before or after in STATES[before].successors:
        assert records.save(change).status is after
    else:
        with pytest.raises(Conflict):
            records.save(change)


def test_a_backed_off_record_comes_later_each_time_until_it_is_saved() -> None:
    records = memory_records()
    saved = records.save(numbered(1, due_at=NOW))

    (due,) = records.due(NOW, 10)
    assert not due.backed_off
    assert records.back_off(due, NOW, 10, 25) == 10
    assert records.back_off(due, NOW, 10, 25) is None
    assert list(records.due(NOW, 10)) == []
    (again,) = records.due(NOW + 10, 10)
    assert again.backed_off
    assert records.back_off(again, NOW + 10, 10, 25) == 20
    (third,) = records.due(NOW + 30, 10)
    assert records.back_off(third, NOW + 30, 10, 25) == 25

    records.save(replace(saved, due_at=NOW + 1))
    assert [one.backed_off for one in records.due(NOW + 100, 10)] == [False]


class TestEndpoints(EndpointsContract):
    @pytest.fixture
    def endpoints(self) -> Endpoints:
        timeless = cast(Engine, Timeless())
        rows = SimulatedEndpoints(timeless, Latencies("aws", 1), Meter(), POLICY)
        return cast(Endpoints, Serial(rows))

    @pytest.fixture
    def other(self, endpoints: Endpoints) -> Endpoints:
        return endpoints


class TestQuota(QuotaContract):
    @pytest.fixture
    def first(self) -> SimulatedQuota:
        timeless = cast(Engine, Timeless())
        return SimulatedQuota(timeless, Latencies("aws", 1), Meter(), lambda: "first")

    @pytest.fixture
    def quota(self, first: SimulatedQuota) -> Quota:
        return cast(Quota, Serial(first))

    @pytest.fixture
    def other(self, first: SimulatedQuota) -> Quota:
        timeless = cast(Engine, Timeless())
        second = SimulatedQuota(
            timeless, Latencies("aws", 1), Meter(), lambda: "second", first.rows
        )
        return cast(Quota, Serial(second))
