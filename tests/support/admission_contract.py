"""What every Admission adapter with a queue promises, as tests.

class TestMine(AdmissionContract):
    @pytest.fixture
    def store(self) -> Store: ...
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from msgspec.structs import replace

from liveproof.admission import Admission, Waiting
from liveproof.domain.verification import Verification
from liveproof.ports import Records
from tests.support.verifications import NOW, numbered

PERMITS = 3
PER_SECOND = 5.0
LEASE = 165_000
LATER = 1_000_000
CALLED_MS = 15_000
"""How long a permit is kept for one that was called, at most."""


@dataclass(frozen=True)
class Store:
    """An adapter with `PERMITS` permits for each check at `PER_SECOND`, and the records beside it.

    Attributes:
        another: an adapter of the same store, as another function has it.
    """

    admission: Admission
    records: Records
    another: Callable[[], Admission]

    def arrives(self, number: int, **changes: object) -> Verification:
        """A stored verification that is due."""
        return self.records.save(numbered(number, **{"due_at": NOW, **changes}))

    def enters(self, verification: Verification, now: int = NOW, lease: int = LEASE) -> bool:
        return self.admission.enter(verification, now, now + lease)

    def full(self, client: str = "early") -> list[Verification]:
        """As many as there are permits, all admitted."""
        holders = [self.arrives(number, client=client) for number in range(PERMITS)]
        assert all(self.enters(holder) for holder in holders)
        return holders

    def next_ids(self, check: str = "reflect", now: int = NOW) -> list[str]:
        return [waiting.id for waiting in self.admission.call_next(check, now)]

    def is_listed(self, verification: Verification, before: int) -> bool:
        """Whether the sweep sees it."""
        return verification.id in [due.id for due in self.records.due(before, 10_000)]


class AdmissionContract:
    """The tests."""

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

    def test_one_that_is_withdrawn_while_it_waits_is_not_called(self, store: Store) -> None:
        first, *_ = store.full()
        gone, next_one = store.arrives(10), store.arrives(11)
        for waiting in (gone, next_one):
            store.enters(waiting)

        assert store.admission.withdraw(gone) is True

        assert store.admission.withdraw(gone) is False
        store.admission.leave(first, NOW + LEASE)
        assert store.next_ids() == [next_one.id]

    def test_one_that_is_withdrawn_after_its_call_frees_its_permit(self, store: Store) -> None:
        first, *_ = store.full()
        gone, next_one = store.arrives(10), store.arrives(11)
        for waiting in (gone, next_one):
            store.enters(waiting)
        store.admission.leave(first, NOW + LEASE)
        assert store.next_ids() == [gone.id]

        assert store.admission.withdraw(gone) is True

        assert store.next_ids() == [next_one.id]

    def test_one_that_is_worked_on_is_not_withdrawn(self, store: Store) -> None:
        first, *_ = store.full()
        store.enters(store.arrives(10))

        assert store.admission.withdraw(first) is False
        assert store.admission.withdraw(store.arrives(11)) is False

        assert store.next_ids() == []

    def test_one_that_was_withdrawn_may_come_again(self, store: Store) -> None:
        first, *_ = store.full()
        one, two = store.arrives(10), store.arrives(11)
        for waiting in (one, two):
            store.enters(waiting)
        store.admission.withdraw(one)

        assert store.enters(one) is False
        store.admission.leave(first, NOW + LEASE)
        assert store.next_ids() == [two.id]

    def test_nobody_overtakes_those_that_wait(self, store: Store) -> None:
        """A permit that nobody gave away, as when a function dies between the two."""
        first, *_ = store.full()
        waiting, late = store.arrives(10), store.arrives(11)
        store.enters(waiting)
        store.admission.leave(first, NOW + LEASE)

        assert store.enters(late) is False
        assert store.next_ids() == [waiting.id]

    def test_the_head_of_the_queue_enters_without_being_called(self, store: Store) -> None:
        first, *_ = store.full()
        waiting = store.arrives(10)
        store.enters(waiting)
        store.admission.leave(first, NOW + LEASE)

        assert store.enters(waiting) is True

    def test_one_that_entered_without_being_called_leaves_its_permit(self, store: Store) -> None:
        first, *_ = store.full()
        waiting = store.arrives(10)
        store.enters(waiting)
        store.admission.leave(first, NOW + LEASE)
        store.enters(waiting)

        store.admission.leave(waiting, NOW + LEASE)

        assert store.enters(store.arrives(11)) is True

    def test_the_sweep_leaves_those_alone_that_wait(self, store: Store) -> None:
        """It looks at them again after their turn should have come, whatever happened."""
        store.full()
        waiting = store.arrives(10)

        store.enters(waiting)

        assert not store.is_listed(waiting, NOW + 59_000)
        assert store.is_listed(waiting, NOW + LATER)
        (due,) = [due for due in store.records.due(NOW + LATER, 100) if due.id == waiting.id]
        assert due.backed_off  # so that no function waits for the time to come
        assert store.records.load(waiting.id) == waiting

    def test_a_change_that_was_saved_meanwhile_keeps_its_due_time(self, store: Store) -> None:
        store.full()
        loaded = store.arrives(10)
        store.records.save(replace(loaded, due_at=NOW + 500))

        store.enters(loaded)

        assert store.is_listed(loaded, NOW + 500)

    def test_a_called_one_that_was_saved_meanwhile_keeps_its_due_time(self, store: Store) -> None:
        """A lease above all: the sweep must not take a verification from a living function."""
        first, *_ = store.full()
        waiting = store.arrives(10)
        store.enters(waiting)
        store.records.save(replace(waiting, due_at=NOW + LEASE))
        store.admission.leave(first, NOW + LEASE)

        assert store.next_ids() == [waiting.id]

        assert not store.is_listed(waiting, NOW + LEASE - 1)

    def test_a_client_with_many_does_not_hold_back_one_with_few(self, store: Store) -> None:
        holders = store.full("many")
        for number in range(100, 140):
            store.enters(store.arrives(number, client="many"))
        few = [store.arrives(number, client="few") for number in range(200, 205)]
        for verification in few:
            store.enters(verification)

        order = self._drain(store, holders)

        last = max(order.index(verification.id) for verification in few)
        assert last <= 10
        assert len(order) == 45

    def test_clients_take_turns_and_each_keeps_its_order(self, store: Store) -> None:
        holders = store.full()
        for number in range(12):
            store.enters(store.arrives(100 + number, client="abc"[number // 4]))

        order = self._drain(store, holders)

        clients = ["abc"[int(id[-3:]) // 4 - 25] for id in order]
        assert all(set(clients[start : start + 3]) == set("abc") for start in range(0, 12, 3))
        for client in "abc":
            own = [id for id, owner in zip(order, clients, strict=True) if owner == client]
            assert own == sorted(own)

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

    def _drain(self, store: Store, holders: list[Verification]) -> list[str]:
        """Everybody leaves, and everybody who is called enters and leaves: the order of that."""
        order: list[str] = []
        working = [*holders]
        while working:
            store.admission.leave(working.pop(0), NOW + LEASE)
            for id in store.next_ids():
                verification = store.records.load(id)
                assert verification is not None
                assert store.enters(verification)
                working.append(verification)
                order.append(id)
        return order
