"""Whose turn it is, by every Admission adapter with a queue: a part of its contract."""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.verification import Verification
from tests.support.admission_store import LATER, LEASE, Store
from tests.support.verifications import NOW


class AdmissionQueueContract:
    """The tests."""

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
