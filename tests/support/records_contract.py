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

from liveproof.domain import lifecycle
from liveproof.domain.filter import Filter
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import STATES, Status
from liveproof.domain.verification import Decision, Verification
from liveproof.ports import Conflict, IdempotencyConflict, Records, RecordUnreadable
from tests.support.due_contract import DueContract
from tests.support.lists_contract import ListsContract, listed
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


class RecordsContract(DueContract, ListsContract, StarvationContract):
    """The tests; with them those of its base classes."""

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

    # -- what cannot be read

    def test_an_unreadable_record_says_so_and_is_due_all_the_same(self, records: Records) -> None:
        records.save(numbered(1, due_at=NOW))
        self.spoil(records, numbered(1).id)

        with pytest.raises(RecordUnreadable, match=numbered(1).id):
            records.load(numbered(1).id)
        assert [one.id for one in records.due(NOW, 10)] == [numbered(1).id]

    def test_a_back_off_needs_no_readable_record(self, records: Records) -> None:
        records.save(numbered(1, due_at=NOW))
        self.spoil(records, numbered(1).id)
        (due,) = records.due(NOW, 10)

        assert records.back_off(due, NOW, 15, 60) == 15
        assert list(records.due(NOW + 14, 10)) == []

    def test_a_list_leaves_out_unreadable_records(self, records: Records) -> None:
        for number in range(5):
            records.save(numbered(number))
        for number in (4, 2):
            self.spoil(records, numbered(number).id)

        assert listed(records, Filter()) == [3, 1, 0]

    def test_a_state_that_this_version_does_not_know_stops_nothing(self, records: Records) -> None:
        for number in (1, 2):
            records.save(numbered(number, due_at=NOW + number))
        self.unknown_status(records, numbered(1).id)

        assert [one.status for one in records.due(NOW + 9, 10)] == [None, Status.AWAITING_UPLOAD]
