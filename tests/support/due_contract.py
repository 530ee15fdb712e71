"""What is due, and what is backed off: a contract of every Records adapter."""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.states import Status
from liveproof.ports import Records
from tests.support.verifications import DAY_MS, NOW, numbered


class DueContract:
    """The tests."""

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
