"""A record that this version cannot read, as after a rollback: what commands do with the others."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.ledger import CallOutcome
from liveproof.ports import Records
from liveproof_cli.ledger import COLUMNS
from tests.cli.ledgers import call, paid
from tests.support.command_line import Liveproof
from tests.support.verifications import NOW, numbered, settled

ROOT = Path(__file__).parents[2]
WHY = ("--why", "ticket 7")

Spoil = Callable[[str], int]


def id_of(number: int) -> str:
    return f"ver_{number:026d}"


@pytest.fixture
def held(records: Records, named: Path, spoil: Spoil) -> None:
    """Three that are held, the second of which nobody can read."""
    entry = lifecycle.held(settled(CallOutcome.UNKNOWN), NOW + 1, NOW)
    for number in (1, 2, 3):
        records.save(replace(entry, id=id_of(number), version=0))
    assert spoil(id_of(2)) == 1


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["a table", "JSON"])
def test_a_list_by_due_time_shows_the_others_and_then_says_which_cannot_be_read(
    liveproof: Liveproof, held: None, form: list[str]
) -> None:
    done = liveproof("list", "--state", "held", *form)

    assert done.status == 1
    assert [number for number in (1, 2, 3) if id_of(number) in done.out] == [1, 3]
    assert id_of(2) in done.err


def test_a_release_of_all_that_are_held_releases_the_others(
    liveproof: Liveproof, records: Records, held: None
) -> None:
    done = liveproof("release", "--all", "--yes", *WHY)

    assert done.status == 1
    assert id_of(2) in done.err
    for number in (1, 3):
        entry = records.load(id_of(number))
        assert entry is not None
        assert entry.status.value == "checking"


@pytest.mark.parametrize(
    "words", [("list",), ("list", "--json"), ("ledger", "export")], ids=" ".join
)
def test_standard_output_has_nothing_but_the_list_and_standard_error_says_what_it_lacks(
    records: Records, named: Path, spoil: Spoil, words: tuple[str, ...]
) -> None:
    """It had a line of the functions' log, in the middle of a table or of a CSV file."""
    first, second = (records.save(paid(number, call(number))).id for number in (1, 2))
    assert spoil(second) == 1

    # As an operator's shell is: the suite's own environment silences the log.
    shell = {name: value for name, value in os.environ.items() if "POWERTOOLS" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "liveproof_cli", *words],
        env={**shell, "PYTHONPATH": f"{ROOT}/layers:{ROOT}"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert "RECORD_LEFT_OUT" not in done.stdout
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("A list left out a verification whose record cannot be read: ")
    assert second in sentence
    if words == ("ledger", "export"):
        rows = list(csv.reader(io.StringIO(done.stdout)))
        assert rows[0] == list(COLUMNS)
        assert [row[0] for row in rows[1:]] == [first]


def test_an_erasure_by_reference_erases_the_others_and_is_not_done(
    liveproof: Liveproof, records: Records, named: Path, spoil: Spoil
) -> None:
    """It ended with 0, although the record may be one of the person who asked."""
    for number in (1, 2, 3):
        records.save(numbered(number, reference="jane"))
    assert spoil(id_of(2)) == 1

    done = liveproof("erase", "--reference", "jane", "--yes", *WHY)

    assert done.status == 1
    assert f"Nobody knows which reference {id_of(2)} has" in done.err
    for number in (1, 3):
        entry = records.load(id_of(number))
        assert entry is not None
        assert entry.erasure is not None
