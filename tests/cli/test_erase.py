"""`liveproof erase`: by id or by reference, asked first, repeated freely."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.audit import first_fault, interventions
from liveproof.domain.ids import new_verification_id
from liveproof.domain.verification import Decision, InterventionKind, Verification
from liveproof.ports import Conflict, Records
from liveproof_cli import listing
from liveproof_cli.operations import Operations
from tests.support.command_line import Liveproof
from tests.support.verifications import NOW, verdict, verification

WHY = ("--why", "ticket 7")
JANE = "jane.doe@example.com"


@pytest.fixture(autouse=True)
def ids(records: Records, named: Path) -> list[str]:
    """Three of Jane's, of two clients, and one of John's. The oldest first."""
    made = []
    for number, (client, reference) in enumerate(
        [("shop", JANE), ("bank", JANE), ("shop", "john"), ("shop", JANE)]
    ):
        created_at = NOW + number * 60_000
        entry = verification(
            id=new_verification_id(created_at),
            client=client,
            created_at=created_at,
            reference=reference,
            metadata={"name": "Jane Doe"},
        )
        entry = lifecycle.decided(entry, verdict(Decision.PASSED))
        made.append(records.save(replace(entry, version=0)).id)
    return made


def states(records: Records, ids: list[str]) -> list[str]:
    loaded = [records.load(id) for id in ids]
    return [entry.status.value if entry else "none" for entry in loaded]


def test_one_is_erased_and_its_record_says_who_when_and_why(
    liveproof: Liveproof, records: Records, ids: list[str]
) -> None:
    done = liveproof("erase", ids[0], "--yes", *WHY)

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{ids[0]} is being erased")
    after = records.load(ids[0])
    assert after is not None
    assert (after.status.value, after.reference, after.metadata) == ("erasing", None, {})
    (intervention,) = interventions(after)
    assert (intervention.kind, intervention.why) == (InterventionKind.ERASE, "ticket 7")
    assert intervention.by.startswith(f"{getpass.getuser()}@")
    assert first_fault(after) is None
    assert "erasure_requested" in liveproof("show", ids[0]).out


def test_a_reference_is_looked_for_on_every_page_of_every_client(
    liveproof: Liveproof, records: Records, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 1)
    monkeypatch.setattr(listing, "_MOST_PAGES", 1)

    done = liveproof("erase", "--reference", JANE, "--yes", *WHY)

    assert done.status == 0
    assert states(records, ids) == ["erasing", "erasing", "decided", "erasing"]
    again = liveproof("erase", "--reference", JANE, "--yes", *WHY)
    assert (again.status, again.out) == (0, "")
    assert "nothing was erased" in again.err


def test_a_reference_of_one_client_leaves_the_others(
    liveproof: Liveproof, records: Records, ids: list[str]
) -> None:
    liveproof("erase", "--reference", JANE, "--client", "bank", "--yes", *WHY)

    assert states(records, ids) == ["decided", "erasing", "decided", "decided"]


def test_a_dry_run_says_what_would_go_and_needs_no_reason(
    liveproof: Liveproof, records: Records, ids: list[str]
) -> None:
    done = liveproof("erase", ids[0], "--dry-run")

    assert done.status == 0
    assert f"uploads/{ids[0]}/" in done.out
    assert f"{ids[0]}/" in done.out.partition("evidence/")[2]
    assert "reference" in done.out
    assert "1 would be erased" in done.err
    assert states(records, ids[:1]) == ["decided"]
    (line,) = liveproof("erase", ids[0], "--dry-run", "--json").lines
    assert line["fields"][:2] == ["reference", "metadata"]
    assert JANE not in done.out


@pytest.mark.parametrize("consent", [None, "consent-of-jane"])
def test_a_dry_run_names_the_reference_of_a_consent(
    liveproof: Liveproof, records: Records, consent: str | None
) -> None:
    entry = records.save(verification(consent=consent))

    (line,) = liveproof("erase", entry.id, "--dry-run", "--json").lines

    assert ("consent_reference" in line["fields"]) == (consent is not None)


def test_it_asks_and_is_refused_where_nobody_can_answer(
    liveproof: Liveproof, records: Records, ids: list[str]
) -> None:
    done = liveproof("erase", ids[0], *WHY)

    assert done.status == 2
    assert "--yes" in done.err
    assert states(records, ids[:1]) == ["decided"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["ID", "--reference", "r"], ["ID", "--client", "shop"], ["ID", "--yes"]],
    ids=" ".join,
)
def test_unusable_arguments_are_refused(
    liveproof: Liveproof, records: Records, ids: list[str], arguments: list[str]
) -> None:
    named = [ids[0] if argument == "ID" else argument for argument in arguments]

    assert liveproof("erase", *named).status == 2
    assert states(records, ids[:1]) == ["decided"]


def test_a_second_time_is_no_error_and_changes_nothing(
    liveproof: Liveproof, records: Records, ids: list[str]
) -> None:
    liveproof("erase", ids[0], "--yes", *WHY)
    first = records.load(ids[0])

    assert liveproof("erase", ids[0], "--yes", *WHY).status == 0
    assert records.load(ids[0]) == first


@pytest.mark.parametrize(
    "command",
    [["resend"], ["release"], ["hold"], ["settle", "--outcome", "billed"]],
    ids=lambda command: str(command[0]),
)
def test_no_other_command_takes_an_erased_one(
    liveproof: Liveproof, ids: list[str], command: list[str]
) -> None:
    liveproof("erase", ids[0], "--yes", *WHY)

    done = liveproof(*command, ids[0], *WHY)

    assert done.status == 1
    assert "erasing" in done.err


def test_one_that_changes_at_this_moment_is_erased_all_the_same(
    liveproof: Liveproof, records: Records, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    acting = Operations._acting
    conflicts = [Conflict(ids[0]), Conflict(ids[0])]

    def contested(self: Operations, *arguments: Any) -> Verification:
        if conflicts:
            raise conflicts.pop()
        return acting(self, *arguments)

    monkeypatch.setattr(Operations, "_acting", contested)

    assert liveproof("erase", ids[0], "--yes", *WHY).status == 0
    assert states(records, ids[:1]) == ["erasing"]
