"""`liveproof redo`: the same proven files once more, for money, after an `error`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain import lifecycle
from liveproof.domain.audit import first_fault, interventions
from liveproof.domain.erasure_transitions import erasure_requested
from liveproof.domain.hash_chain import Chain
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, Delivery, DeliveryState, Reason, Verification
from liveproof.ports import Records
from liveproof.use_cases.erase import prefixes_of
from tests.support.command_line import Done, Liveproof
from tests.support.verifications import NOW, ready, settled, verdict, verification

OLD = f"ver_{1:026d}"
WHY = ("--why", "the account was paid again")


def ended(decision: Decision = Decision.ERROR, code: str = "vendor_account") -> Verification:
    """A verification whose only call was not executed, with its decision."""
    final = replace(verdict(decision), reason=Reason(code=code, message="because"))
    decided = lifecycle.decided(settled(CallOutcome.NOT_EXECUTED), final)
    delivered = Delivery(state=DeliveryState.DELIVERED, attempts=1)
    return replace(
        decided, id=OLD, version=0, reference="order-1", metadata={"k": "v"}, delivery=delivered,
        due_at=None, audit=Chain(),
    )  # fmt: skip


def redo(liveproof: Liveproof, *arguments: str) -> Done:
    return liveproof("redo", OLD, "--json", *WHY, *arguments)


def loaded(records: Records, name: str) -> Verification:
    record = records.load(name)
    assert record is not None
    return record


@pytest.fixture(autouse=True)
def deployment(named: Path) -> None:
    """The deployment that every command works on."""


def test_the_new_verification_checks_the_same_objects(
    liveproof: Liveproof, records: Records
) -> None:
    old = records.save(ended())
    done = redo(liveproof, "--yes")
    assert done.status == 0, done.err
    (line,) = done.lines
    assert (line["redo_of"], line["state"]) == (OLD, "ready")

    new = loaded(records, line["id"])
    assert new.status is Status.READY
    assert new.due_at == new.created_at
    assert new.calls == ()
    assert (new.verdict, new.delivery, new.evidence, new.manifest) == (None,) * 4
    for field in ("client", "check", "region", "threshold", "challenge", "reference", "metadata"):
        assert getattr(new, field) == getattr(old, field), field
    for name, file in new.inputs.items():
        before = old.inputs[name]
        assert (file.proof, file.proven_key, file.md5) == (
            before.proof, before.proven_key, before.md5
        )  # fmt: skip
        assert file.keys == (before.proven_key,)


def test_both_records_say_who_and_why(liveproof: Liveproof, records: Records) -> None:
    records.save(ended())
    (line,) = redo(liveproof, "--yes", "--by", "Ada").lines
    for name, other in ((OLD, line["id"]), (line["id"], OLD)):
        record = loaded(records, name)
        (act,) = interventions(record)
        assert (act.kind.value, act.by, act.why) == ("redo", "Ada", WHY[1])
        assert act.outcome == other
        assert first_fault(record) is None
        assert other in liveproof("show", name).out


def test_a_finished_record_is_kept_as_long_as_before(
    liveproof: Liveproof, records: Records, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'records.sqlite'}", None)
    SqlRecords(database, record_days=300).save(ended())
    kept = "SELECT keep_until FROM verifications WHERE id = ?"
    before = database.query(kept, OLD)
    assert redo(liveproof, "--yes").status == 0
    assert database.query(kept, OLD) == before != [(None,)]
    database.close()


@pytest.mark.parametrize(
    ("before", "complaint"),
    [
        (ended(Decision.PASSED), "ended as passed: only what ended as error"),
        (ended(Decision.REJECTED), "ended as rejected"),
        (ended(code="uploads_gone"), "its files are gone (uploads_gone)"),
        (ended(code="upload_replaced"), "its files are gone (upload_replaced)"),
        (replace(ready(), id=OLD), "is ready: only what ended as error"),
        (erasure_requested(ended(), NOW, "client"), "is erased"),
        (replace(ended(), inputs=verification().inputs), "never had its input live_data proven"),
    ],
)
def test_an_impossible_redo_is_refused_with_the_reason(
    liveproof: Liveproof, records: Records, before: Verification, complaint: str
) -> None:
    records.save(replace(before, version=0))
    done = redo(liveproof, "--yes")
    assert done.status == 1
    assert complaint in done.err


def test_a_second_redo_names_the_first(liveproof: Liveproof, records: Records) -> None:
    records.save(ended())
    (line,) = redo(liveproof, "--yes").lines
    done = redo(liveproof, "--yes")
    assert done.status == 1
    assert f"was redone as {line['id']}" in done.err


def test_a_redo_that_was_stopped_halfway_is_finished_with_the_same_id(
    liveproof: Liveproof, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.save(ended())
    save = SqlRecords.save

    def stop(self: SqlRecords, one: Verification, *arguments: Any) -> Verification:
        if one.redo_of is not None:
            raise OSError("stopped")
        return save(self, one, *arguments)

    with monkeypatch.context() as stopped:
        stopped.setattr(SqlRecords, "save", stop)
        assert redo(liveproof, "--yes").status == 1
    (act,) = interventions(loaded(records, OLD))
    (line,) = redo(liveproof, "--yes").lines
    assert line["id"] == act.outcome
    assert len(interventions(loaded(records, OLD))) == 1


def test_a_redo_of_a_redo_names_the_owner_of_the_files_whose_erasure_finds_them(
    liveproof: Liveproof, records: Records
) -> None:
    first = ended()
    records.save(replace(first, redo_of=f"ver_{0:026d}"))
    (line,) = redo(liveproof, "--yes").lines
    assert line["redo_of"] == f"ver_{0:026d}"
    new = loaded(records, line["id"])
    assert f"uploads/ver_{0:026d}/" in prefixes_of(new.id, new.redo_of)


def test_it_says_what_it_costs_and_asks(
    liveproof: Liveproof, records: Records, tmp_path: Path
) -> None:
    records.save(ended())
    prices = tmp_path / "prices.json"
    prices.write_text('{"DetectReflectLivenessAndCompare": 0.25}')
    done = redo(liveproof, "--prices", str(prices))
    assert done.status == 2
    assert "It costs a paid call of Action" in done.err
    assert "nobody can answer: add --yes" in done.err
    assert "Nothing here may look at the bucket" in done.err
