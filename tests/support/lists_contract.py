"""The lists of a client's verifications, and their pages: a contract of every Records adapter."""

from __future__ import annotations

import pytest

from liveproof.clouds import filtered_pages
from liveproof.domain import lifecycle
from liveproof.domain.filter import Filter
from liveproof.domain.ids import new_verification_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, DeliveryState
from liveproof.ports import Records
from tests.support.verifications import NOW, numbered, verdict, verification


class ListsContract:
    """The tests."""

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
            assert listed(records, Filter(status=status_filter)) == expected

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
