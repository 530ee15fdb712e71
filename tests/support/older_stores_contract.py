"""What every Records adapter does with the verifications of an older version's store, as tests."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict, IdempotencyClaim, IdempotencyConflict, Records
from liveproof.use_cases.sweep import sweep
from liveproof_cli.listing import unfinished
from tests.support.deployment import Deployment
from tests.support.older_stores import (
    LONG_AFTER,
    OLDER_DUE,
    OLDER_STATUSES,
    ids_of,
    older_id,
)
from tests.support.verifications import NOW

ALL = range(len(OLDER_STATUSES))


class OlderStoresContract:
    """The tests; a subclass has the fixture `records`, a store that the older version filled."""

    def names_in_due(self, saved: Verification) -> tuple[str | None, str | None]:
        """The check and the client that `due` tells of a verification that this version saved."""
        return saved.check, saved.client

    def test_every_verification_is_loaded(self, records: Records) -> None:
        loaded = [records.load(older_id(number)) for number in ALL]

        assert [verification and verification.status for verification in loaded] == list(
            OLDER_STATUSES
        )
        assert [verification and verification.reference for verification in loaded] == [
            f"order-{n}" for n in ALL
        ]

    def test_every_verification_is_listed(self, records: Records) -> None:
        assert ids_of(records, "shop") == [older_id(number) for number in range(9, -1, -1)]
        assert ids_of(records, "kiosk") == [older_id(10)]
        decided = [older_id(number) for number in (8, 7, 6)]
        assert ids_of(records, "shop", Status.DECIDED) == decided

    def test_every_unfinished_one_is_due_in_order(self, records: Records) -> None:
        due = list(records.due(LONG_AFTER, 100))

        assert [entry.id for entry in due] == [older_id(number) for number in OLDER_DUE]
        assert [entry.status for entry in due] == [OLDER_STATUSES[number] for number in OLDER_DUE]
        assert {entry.check for entry in due} == {None}

    def test_the_sweep_requests_each_step(self, records: Records) -> None:
        deployment = Deployment()
        deployment.clock.time = LONG_AFTER
        dependencies = dataclasses.replace(deployment.dependencies, records=records)

        assert sweep(dependencies, LONG_AFTER + 60_000) == len(OLDER_DUE)
        assert {step.id for step in deployment.steps.take()} == {older_id(n) for n in OLDER_DUE}
        assert list(records.due(LONG_AFTER, 100)) == []

    def test_a_back_off_goes_on(self, records: Records) -> None:
        due = {entry.id: entry for entry in records.due(LONG_AFTER, 100)}

        assert records.back_off(due[older_id(0)], LONG_AFTER, 15_000, 960_000) == 15_000
        assert records.back_off(due[older_id(10)], LONG_AFTER, 15_000, 960_000) == 30_000

    def test_a_held_one_is_found(self, records: Records) -> None:
        assert [verification.id for verification in unfinished(records, Status.HELD)] == [
            older_id(9)
        ]

    def test_a_record_saved_by_the_new_version_is_listed_and_due_as_before(
        self, records: Records
    ) -> None:
        saved: dict[str, Verification] = {}
        for number in ALL:
            older = records.load(older_id(number))
            assert older is not None
            saved[older.id] = records.save(replace(older, due_at=NOW + 1))
            assert saved[older.id].version == older.version + 1
            with pytest.raises(Conflict):
                records.save(older)
        listed = {client: ids_of(records, client) for client in ("shop", "kiosk")}
        due_ones = {due.id: due for due in records.due(LONG_AFTER, 100)}
        for id, verification in saved.items():
            assert records.load(id) == verification
            assert id in listed[verification.client]
            due = due_ones[id]
            assert due.due_at <= NOW + 1  # a store may list it early
            assert (due.check, due.client) == self.names_in_due(verification)

        for verification in saved.values():
            records.save(replace(verification, status=Status.DECIDED, due_at=None))
        assert list(records.due(LONG_AFTER, 100)) == []

    def test_a_new_one_stands_between_them(self, records: Records) -> None:
        older = records.load(older_id(0))
        assert older is not None
        new = records.save(
            replace(older, id=older_id(11), version=0, due_at=NOW + 131_001, check="photo")
        )

        assert ids_of(records, "shop")[:2] == [new.id, older_id(9)]
        due = [entry.id for entry in records.due(LONG_AFTER, 100)]
        assert due == [older_id(number) for number in (2, 6, 7, 3, 4, 5, 11, 0, 1, 10, 9)]

    def test_an_idempotency_key_leads_to_its_verification(self, records: Records) -> None:
        older = records.load(older_id(0))
        assert older is not None
        again = IdempotencyClaim(
            key="a" * 63 + "0", fingerprint="f" * 64, expires_at=NOW + 86_400_000
        )

        with pytest.raises(IdempotencyConflict) as conflict:
            records.save(replace(older, id=older_id(11), version=0), again)
        assert conflict.value.verification_id == older.id
