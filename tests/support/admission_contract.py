"""What every Admission adapter with a queue promises, as tests.

class TestMine(AdmissionContract):
    @pytest.fixture
    def store(self) -> Store: ...
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from liveproof.admission import Waiting
from liveproof.domain.verification import Verification
from tests.support.admission_queue_contract import AdmissionQueueContract
from tests.support.admission_store import CALLED_MS, LEASE, PERMITS, Store
from tests.support.verifications import NOW, numbered


class AdmissionContract(AdmissionQueueContract):
    """The tests of permits, and those of the queue."""

    def test_one_run_is_admitted_for_each_permit(self, store: Store) -> None:
        entered = [store.enters(store.arrives(number)) for number in range(PERMITS + 2)]

        assert entered == [True] * PERMITS + [False] * 2

    def test_checks_do_not_meet(self, store: Store) -> None:
        store.full()

        assert store.enters(store.arrives(50, check="photo"))
        assert store.next_ids("photo") == []

    def test_a_run_that_leaves_lets_the_next_one_in(self, store: Store) -> None:
        first, *_ = store.full()
        one, two = store.arrives(10), store.arrives(11)
        assert (store.enters(one), store.enters(two)) == (False, False)

        store.admission.leave(first, NOW + LEASE)

        assert store.admission.call_next("reflect", NOW) == (Waiting(one.id, "reflect", "shop"),)
        assert store.next_ids() == []
        assert store.enters(two) is False
        assert store.enters(one) is True

    def test_nobody_is_called_while_every_permit_is_taken(self, store: Store) -> None:
        store.full()
        store.enters(store.arrives(10))

        assert store.next_ids() == []

    def test_the_permit_of_one_that_was_called_is_kept_for_it(self, store: Store) -> None:
        first, *_ = store.full()
        called = store.arrives(10)
        store.enters(called)
        store.admission.leave(first, NOW + LEASE)
        store.next_ids()

        assert store.enters(store.arrives(11), NOW + 1) is False
        assert store.enters(called, NOW + 2) is True

    def test_a_call_that_was_lost_gives_the_permit_to_the_next(self, store: Store) -> None:
        first, *_ = store.full()
        lost, after = store.arrives(10), store.arrives(11)
        store.enters(lost)
        store.enters(after)
        store.admission.leave(first, NOW + LEASE)
        assert store.next_ids() == [lost.id]

        assert store.next_ids(now=NOW + CALLED_MS) == [after.id]
        assert store.enters(lost, NOW + CALLED_MS + 1) is False
        assert store.enters(after, NOW + CALLED_MS + 1) is True

    def test_one_whose_call_was_lost_is_listed_for_the_sweep(self, store: Store) -> None:
        first, *_ = store.full()
        lost = store.arrives(10)
        store.enters(lost)
        store.admission.leave(first, NOW + LEASE)
        assert not store.is_listed(lost, NOW + CALLED_MS)

        store.next_ids()

        assert store.is_listed(lost, NOW)

    def test_a_dead_function_frees_its_permit_with_its_lease(self, store: Store) -> None:
        store.full()
        waiting = store.arrives(10)
        store.enters(waiting)

        assert store.next_ids(now=NOW + LEASE - 1) == []
        assert store.next_ids(now=NOW + LEASE) == [waiting.id]

    def test_a_lease_that_ended_is_free_for_whoever_comes(self, store: Store) -> None:
        store.full()

        entered = [
            store.enters(store.arrives(number), NOW + LEASE) for number in range(10, 12 + PERMITS)
        ]

        assert entered == [True] * PERMITS + [False] * 2

    def test_the_verification_of_a_dead_function_enters_again(self, store: Store) -> None:
        first, *_ = store.full()

        assert store.enters(first, NOW + LEASE)
        assert store.enters(store.arrives(10), NOW + LEASE)

    def test_a_second_function_does_not_work_on_the_same_one(self, store: Store) -> None:
        one = store.arrives(1)
        assert store.enters(one)

        assert store.enters(one, NOW + 1) is False
        assert store.enters(one, NOW, LEASE - 1) is False
        store.admission.leave(one, NOW + 1 + LEASE)  # the second one's, which it never had
        assert store.next_ids() == []
        assert [store.enters(store.arrives(number)) for number in (2, 3, 4)] == [
            True,
            True,
            False,
        ]

    def test_a_run_that_enters_again_keeps_its_place(self, store: Store) -> None:
        holders = store.full()
        one, two = store.arrives(10), store.arrives(11)
        for verification in (one, two, two, one, two):
            assert store.enters(verification) is False

        for holder in holders:
            store.admission.leave(holder, NOW + LEASE)

        assert store.next_ids() == [one.id, two.id]

    def test_leaving_twice_frees_one_permit(self, store: Store) -> None:
        first, *_ = store.full()
        for number in (10, 11):
            store.enters(store.arrives(number))

        for _ in range(2):
            store.admission.leave(first, NOW + LEASE)

        assert len(store.next_ids()) == 1

    def test_threads_never_get_more_than_there_are(self, store: Store) -> None:
        verifications = [store.arrives(number, client=f"c{number % 3}") for number in range(24)]

        def enter(verification: Verification) -> bool:
            return store.another().enter(verification, NOW, NOW + LEASE)

        with ThreadPoolExecutor(8) as pool:
            entered = list(pool.map(enter, verifications))

        assert entered.count(True) == PERMITS
        admitted = [one for one, is_in in zip(verifications, entered, strict=True) if is_in]
        assert len(self._drain(store, admitted)) == 24 - PERMITS

    def test_threads_that_call_the_next_call_different_ones(self, store: Store) -> None:
        holders = store.full()
        for number in range(10, 20):
            store.enters(store.arrives(number))
        for holder in holders:
            store.admission.leave(holder, NOW + LEASE)

        with ThreadPoolExecutor(6) as pool:
            called = pool.map(lambda _: store.another().call_next("reflect", NOW), range(6))

        ids = [waiting.id for one in called for waiting in one]
        assert sorted(ids) == [numbered(number).id for number in (10, 11, 12)]
