"""What every Records adapter promises, as tests. A test module subclasses it with a fixture.

class TestMine(RecordsContract):
    @pytest.fixture
    def records(self) -> Records: ...

    def spoil(self, records: Records, verification_id: str) -> None: ...
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from liveproof.clouds import filtered_pages
from liveproof.domain import lifecycle
from liveproof.domain.filter import Filter
from liveproof.domain.ids import new_verification_id
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import STATES, Status
from liveproof.domain.verification import Decision, DeliveryState, Verification
from liveproof.ports import (
    Conflict,
    IdempotencyConflict,
    Records,
    RecordUnreadable,
)
from tests.support.starvation_contract import StarvationContract
from tests.support.verifications import (
    DAY_MS,
    NOW,
    called,
    claim,
    numbered,
    settled,
    verdict,
    verification,
)


def together(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work` in this many threads at once; what each returned or raised."""
    barrier = threading.Barrier(count)

    def run(number: int) -> object:
        barrier.wait()
        try:
            return work(number)
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


class RecordsContract(StarvationContract):
    """The tests; with them those of `StarvationContract`."""

    def unknown_status(self, records: Records, verification_id: str) -> None:
        """Store it as a newer version would, in a state that this one does not know."""
        raise NotImplementedError

    def test_a_saved_record_is_loaded_with_its_version(self, records: Records) -> None:
        full = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
        full = replace(full, metadata={"ключ": "\U0001f600"}, reference="größe")
        saved = records.save(full)

        assert saved == replace(full, version=1)
        assert records.load(full.id) == saved

    def test_a_record_that_was_never_saved_does_not_exist(self, records: Records) -> None:
        assert records.load("ver_" + "0" * 26) is None

    def test_each_save_raises_the_version(self, records: Records) -> None:
        first = records.save(verification())
        second = records.save(replace(first, reference="again"))

        assert (first.version, second.version) == (1, 2)

    def test_an_old_version_cannot_be_saved(self, records: Records) -> None:
        first = records.save(verification())
        records.save(replace(first, reference="newer"))

        with pytest.raises(Conflict):
            records.save(replace(first, reference="older"))
        loaded = records.load(first.id)
        assert loaded is not None
        assert loaded.reference == "newer"

    def test_a_new_verification_replaces_none(self, records: Records) -> None:
        first = records.save(verification())

        with pytest.raises(Conflict):
            records.save(replace(first, version=0, reference="other"))

    def test_a_record_that_does_not_exist_cannot_be_changed(self, records: Records) -> None:
        with pytest.raises(Conflict):
            records.save(verification(version=3))

    @pytest.mark.parametrize("before", Status)
    @pytest.mark.parametrize("after", Status)
    def test_the_store_itself_refuses_forbidden_transitions(
        self, records: Records, before: Status, after: Status
    ) -> None:
        stored = records.save(verification(status=before))
        change = replace(stored, status=after)

        if after is before or after in STATES[before].successors:
            assert records.save(change).status is after
        else:
            with pytest.raises(Conflict):
                records.save(change)

    def test_of_many_writers_of_one_version_one_wins(self, records: Records) -> None:
        stored = records.save(called())

        outcomes = together(8, lambda n: records.save(replace(stored, reference=str(n))))

        winners = [one for one in outcomes if isinstance(one, Verification)]
        assert len(winners) == 1
        assert records.load(stored.id) == winners[0]

    def test_concurrent_changes_are_neither_lost_nor_doubled(self, records: Records) -> None:
        stored = records.save(verification())

        def add(number: int) -> None:
            while True:
                loaded = records.load(stored.id)
                assert loaded is not None
                metadata = {**loaded.metadata, str(number): "x"}
                try:
                    records.save(replace(loaded, metadata=metadata))
                except Conflict:
                    continue
                return

        together(6, add)

        final = records.load(stored.id)
        assert final is not None
        assert set(final.metadata) == {str(number) for number in range(6)}
        assert final.version == 7

    # -- idempotency keys

    def test_a_taken_key_leads_to_its_verification(self, records: Records) -> None:
        records.save(numbered(1), claim())

        with pytest.raises(IdempotencyConflict) as conflict:
            records.save(numbered(2), claim(fingerprint="other"))

        assert conflict.value.verification_id == numbered(1).id
        assert conflict.value.fingerprint == "print"
        assert records.load(numbered(2).id) is None

    def test_a_key_tells_for_what_it_is_taken(self, records: Records) -> None:
        assert records.claimed("key", NOW) is None

        records.save(numbered(1), claim(expires_at=NOW + 1000))

        assert records.claimed("key", NOW) == (numbered(1).id, "print")
        assert records.claimed("other", NOW) is None
        assert records.claimed("key", NOW + 1000) is None

    def test_other_keys_do_not_meet(self, records: Records) -> None:
        records.save(numbered(1), claim("one"))
        records.save(numbered(2), claim("two"))

        assert records.load(numbered(2).id) is not None

    def test_an_expired_key_that_is_still_stored_is_free(self, records: Records) -> None:
        records.save(numbered(1), claim(expires_at=NOW + 1000))
        records.save(numbered(2, created_at=NOW + 1000), claim(expires_at=NOW + DAY_MS))

        with pytest.raises(IdempotencyConflict) as conflict:
            records.save(numbered(3, created_at=NOW + 2000), claim())
        assert conflict.value.verification_id == numbered(2).id

    def test_of_many_creations_with_one_key_one_wins(self, records: Records) -> None:
        def create(number: int) -> str:
            try:
                return records.save(numbered(number + 1), claim()).id
            except IdempotencyConflict as conflict:
                return conflict.verification_id

        outcomes = together(6, create)
        # Whoever met a write in progress may try again.
        again = [create(n) if isinstance(one, Conflict) else one for n, one in enumerate(outcomes)]

        assert len(set(again)) == 1
        stored = [n for n in range(6) if records.load(numbered(n + 1).id) is not None]
        assert len(stored) == 1

    # -- what is due

    def test_due_are_the_unfinished_in_order_of_their_time(self, records: Records) -> None:
        for number, due_at in enumerate((NOW + 3, NOW + 1, None, NOW + 2, NOW + 9)):
            records.save(numbered(number, due_at=due_at))

        due = list(records.due(NOW + 3, 100))

        assert [int(one.id[4:]) for one in due] == [1, 3, 0]
        assert {one.status for one in due} == {Status.AWAITING_UPLOAD}

    def test_due_stops_at_its_limit(self, records: Records) -> None:
        for number in range(7):
            records.save(numbered(number, due_at=NOW + number))

        assert [int(one.id[4:]) for one in records.due(NOW + 100, 3)] == [0, 1, 2]
        assert len(list(records.due(NOW + 100, 100))) == 7

    def test_due_follows_every_change(self, records: Records) -> None:
        stored = records.save(numbered(1, due_at=NOW))
        later = records.save(replace(stored, due_at=NOW + 3_600_000))
        assert list(records.due(NOW + 10, 10)) == []

        moved = records.save(replace(later, status=Status.READY, due_at=NOW))
        assert [one.status for one in records.due(NOW + 10, 10)] == [Status.READY]

        records.save(replace(moved, status=Status.DECIDED, due_at=None))
        assert list(records.due(NOW + DAY_MS, 10)) == []

    def test_nothing_is_backed_off_before_it_is_due(self, records: Records) -> None:
        """A lease ends two minutes later: a store may list it all the while."""
        stored = records.save(numbered(1, due_at=NOW))
        records.save(replace(stored, due_at=NOW + 120_000))

        early = list(records.due(NOW + 119_999, 10))
        assert [records.back_off(due, NOW + 119_999, 15, 60) for due in early] == [None] * len(
            early
        )
        (due,) = records.due(NOW + 120_015, 10)
        assert records.back_off(due, NOW + 120_015, 15, 60) == 15
        assert list(records.due(NOW + 120_029, 10)) == []

    def test_due_names_check_and_client(self, records: Records) -> None:
        saved = records.save(numbered(1, due_at=NOW, check="photo", client="größe"))
        (due,) = records.due(NOW, 10)
        assert (due.check, due.client) == ("photo", "größe")

        records.back_off(due, NOW, 15, 60)
        (due,) = records.due(NOW + 15, 10)
        assert (due.check, due.client) == ("photo", "größe")

        records.save(replace(saved, status=Status.READY, due_at=NOW + 1))
        (due,) = records.due(NOW + 15, 10)
        assert (due.check, due.client) == ("photo", "größe")

    def test_it_tells_how_many_partitions_are_read_for_what_is_due(self, records: Records) -> None:
        assert records.due_partitions >= 1

    # -- what cannot be read

    def test_an_unreadable_record_says_so_and_is_due_all_the_same(self, records: Records) -> None:
        records.save(numbered(1, due_at=NOW))
        self.spoil(records, numbered(1).id)

        with pytest.raises(RecordUnreadable, match=numbered(1).id):
            records.load(numbered(1).id)
        assert [one.id for one in records.due(NOW, 10)] == [numbered(1).id]

    def test_a_list_leaves_out_unreadable_records(self, records: Records) -> None:
        for number in range(5):
            records.save(numbered(number))
        for number in (4, 2):
            self.spoil(records, numbered(number).id)

        numbers: list[int] = []
        cursor: str | None = None
        for _ in range(5):
            page = records.recent("shop", Filter(), 2, cursor)
            numbers += [int(one.id[4:]) for one in page.verifications]
            cursor = page.cursor
            if cursor is None:
                break
        assert numbers == [3, 1, 0]
        assert cursor is None

    def test_a_state_that_this_version_does_not_know_stops_nothing(self, records: Records) -> None:
        for number in (1, 2):
            records.save(numbered(number, due_at=NOW + number))
        self.unknown_status(records, numbered(1).id)

        assert [one.status for one in records.due(NOW + 9, 10)] == [None, Status.AWAITING_UPLOAD]

    # -- back-off

    def test_a_back_off_doubles_up_to_its_longest(self, records: Records) -> None:
        records.save(numbered(1, due_at=NOW))
        waits, now = [], NOW
        for _ in range(6):
            (due,) = records.due(now, 10)
            wait = records.back_off(due, now, 15, 110)
            assert wait is not None
            assert list(records.due(now + wait - 1, 10)) == []
            waits.append(wait)
            now += wait

        assert waits == [15, 30, 60, 110, 110, 110]

    def test_a_back_off_needs_no_readable_record(self, records: Records) -> None:
        records.save(numbered(1, due_at=NOW))
        self.spoil(records, numbered(1).id)
        (due,) = records.due(NOW, 10)

        assert records.back_off(due, NOW, 15, 60) == 15
        assert list(records.due(NOW + 14, 10)) == []

    def test_a_back_off_changes_nothing_of_the_verification(self, records: Records) -> None:
        saved = records.save(numbered(1, due_at=NOW))
        (due,) = records.due(NOW, 10)
        records.back_off(due, NOW, 15, 60)

        assert records.load(saved.id) == saved
        assert records.save(saved).version == 2  # no conflict with who loaded it before

    def test_a_save_ends_the_back_off(self, records: Records) -> None:
        saved = records.save(numbered(1, due_at=NOW))
        for _ in range(3):
            (due,) = records.due(NOW + 1000, 10)
            records.back_off(due, due.due_at, 15, 60)
        records.save(saved)

        (due,) = records.due(NOW, 10)
        assert due.due_at == NOW
        assert records.back_off(due, NOW, 15, 60) == 15

    def test_a_record_saved_since_it_was_listed_is_not_backed_off(self, records: Records) -> None:
        saved = records.save(numbered(1, due_at=NOW))
        (due,) = records.due(NOW, 10)
        records.save(replace(saved, due_at=NOW + 7))

        assert records.back_off(due, NOW, 15, 60) is None
        (later,) = records.due(NOW + 7, 10)
        assert later.due_at <= NOW + 7  # a store may list it early

    def test_of_two_sweeps_one_backs_off(self, records: Records) -> None:
        records.save(numbered(1, due_at=NOW))
        (due,) = records.due(NOW, 10)

        assert records.back_off(due, NOW, 15, 60) == 15
        assert records.back_off(due, NOW + 1, 15, 60) is None

    def test_a_finished_or_deleted_record_is_not_backed_off(self, records: Records) -> None:
        saved = records.save(numbered(1, due_at=NOW))
        (due,) = records.due(NOW, 10)
        records.save(replace(saved, status=Status.DECIDED, due_at=None))

        assert records.back_off(due, NOW, 15, 60) is None
        assert records.back_off(replace(due, id=numbered(2).id), NOW, 15, 60) is None
        assert records.load(numbered(2).id) is None

    # -- lists

    def test_recent_are_a_clients_own_the_newest_first(self, records: Records) -> None:
        for number in range(4):
            records.save(numbered(number, client="shop" if number % 2 else "other"))

        page = records.recent("shop", Filter(), 10, None)

        assert [int(one.id[4:]) for one in page.verifications] == [3, 1]
        assert page.cursor is None

    def test_pages_hold_everything_once(self, records: Records) -> None:
        for number in range(11):
            status = Status.DECIDED if number % 3 == 0 else Status.AWAITING_UPLOAD
            records.save(numbered(number, status=status))

        for status_filter, expected in (
            (None, list(range(10, -1, -1))),
            (Status.DECIDED, [9, 6, 3, 0]),
            (Status.HELD, []),
        ):
            numbers: list[int] = []
            cursor: str | None = None
            for _ in range(20):
                page = records.recent("shop", Filter(status=status_filter), 2, cursor)
                assert len(page.verifications) <= 2
                numbers += [int(one.id[4:]) for one in page.verifications]
                cursor = page.cursor
                if cursor is None:
                    break
            assert numbers == expected
            assert cursor is None

    @pytest.mark.parametrize(
        ("criteria", "expected"),
        [
            (Filter(reference="order-1"), [4, 1]),
            (Filter(reference="order-"), []),
            (Filter(decision=Decision.PASSED), [3, 0]),
            (Filter(decision=Decision.REJECTED), [4]),
            (Filter(delivery=DeliveryState.PENDING), [4, 3, 0]),
            (Filter(delivery=DeliveryState.EXHAUSTED), []),
            (Filter(reference="order-1", decision=Decision.REJECTED), [4]),
            (Filter(status=Status.AWAITING_UPLOAD, decision=Decision.PASSED), []),
            (Filter(status=Status.AWAITING_UPLOAD, reference="order-2"), [5, 2]),
        ],
        ids=str,
    )
    def test_a_list_can_have_several_conditions(
        self, records: Records, criteria: Filter, expected: list[int]
    ) -> None:
        for number in range(6):
            entry = numbered(number, reference=f"order-{number % 3}")
            decision = {0: Decision.PASSED, 3: Decision.PASSED, 4: Decision.REJECTED}.get(number)
            records.save(lifecycle.decided(entry, verdict(decision)) if decision else entry)
        records.save(numbered(7, client="other", reference="order-1"))

        assert listed(records, criteria) == expected

    def test_a_list_can_be_of_one_period_of_creation(self, records: Records) -> None:
        ids = [new_verification_id(NOW + number * 10) for number in range(5)]
        for id in ids:
            records.save(verification(id=id))

        def between(since: int | None, until: int | None) -> list[int]:
            criteria = Filter(since=since, until=until)
            return [ids.index(id) for id in listed_ids(records, criteria)]

        assert between(NOW + 10, NOW + 30) == [2, 1]
        assert between(NOW + 11, None) == [4, 3, 2]
        assert between(None, NOW + 11) == [1, 0]
        assert between(NOW + 41, None) == []
        assert between(NOW, NOW) == []

    def test_a_list_may_begin_with_the_oldest(self, records: Records) -> None:
        ids = [new_verification_id(NOW + number * 10) for number in range(5)]
        for id in ids:
            records.save(verification(id=id))

        criteria = Filter(oldest_first=True)
        assert listed_ids(records, criteria) == ids
        between = Filter(since=NOW + 10, until=NOW + 30, oldest_first=True)
        assert listed_ids(records, between) == ids[1:3]
        for cursor, expected in ((NOW - 5, [1, 2]), (NOW + 15, [2]), (NOW + 999, [])):
            page = records.recent("shop", between, 10, new_verification_id(cursor))
            assert [ids.index(one.id) for one in page.verifications] == expected

    @pytest.mark.parametrize("cursor", [NOW - 5, NOW + 15, NOW + 999])
    def test_a_cursor_of_another_time_continues_within_the_time_that_is_asked_for(
        self, records: Records, cursor: int
    ) -> None:
        ids = [new_verification_id(NOW + number * 10) for number in range(5)]
        for id in ids:
            records.save(verification(id=id))

        criteria = Filter(since=NOW + 10, until=NOW + 30)
        page = records.recent("shop", criteria, 10, new_verification_id(cursor))

        expected = [number for number in (2, 1) if NOW + number * 10 < cursor]
        assert [ids.index(one.id) for one in page.verifications] == expected

    def test_a_page_reads_only_so_much_and_its_cursor_goes_on(
        self, records: Records, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(filtered_pages, "_READS_PER_PAGE", 2)
        monkeypatch.setattr(filtered_pages, "_MOST_PER_READ", 3)
        for number in range(20):
            records.save(numbered(number, reference="rare" if number == 1 else None))

        assert listed(records, Filter(reference="rare")) == [1]

    @pytest.mark.parametrize("cursor", ["", "x", "quota#reflect", "ver_short"])
    def test_a_foreign_cursor_is_refused(self, records: Records, cursor: str) -> None:
        with pytest.raises(ValueError, match="cursor"):
            records.recent("shop", Filter(), 2, cursor)


def listed_ids(records: Records, criteria: Filter) -> list[str]:
    """The ids of the list of client `shop`, two on a page, whose pages may be empty."""
    ids: list[str] = []
    cursor: str | None = None
    for _ in range(20):
        page = records.recent("shop", criteria, 2, cursor)
        assert len(page.verifications) <= 2
        ids += [one.id for one in page.verifications]
        cursor = page.cursor
        if cursor is None:
            return ids
    raise AssertionError("the list has no end")


def listed(records: Records, criteria: Filter) -> list[int]:
    """The same as the numbers of `numbered`."""
    return [int(id[4:]) for id in listed_ids(records, criteria)]
