"""`liveproof list`: verifications of all clients, newest first, in pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.filter import Filter
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision
from liveproof.ports import Records
from liveproof_cli import listing
from liveproof_cli.listing import Pause, by_age
from tests.support.command_line import Done, Liveproof
from tests.support.verifications import NOW, numbered, settled, verdict

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def stored(records: Records, named: Path) -> None:
    """Six verifications of three clients: 2 and 5 are decided, 4 is held."""
    held = lifecycle.held(settled(CallOutcome.UNKNOWN), NOW + 1, NOW)
    for number, client in enumerate(("shop", "bank", "shop", "bank", "shop", "inn")):
        entry = numbered(number, client=client, reference=f"order-{number}")
        if number in (2, 5):
            entry = lifecycle.decided(entry, verdict(Decision.REJECTED))
        if number == 4:
            entry = replace(held, id=entry.id, version=0, reference=entry.reference)
        records.save(entry)


def ids(done: Done) -> list[int]:
    assert done.status == 0
    return [int(line["id"].removeprefix("ver_")) for line in done.lines]


def test_all_clients_verifications_come_newest_first(liveproof: Liveproof) -> None:
    done = liveproof("list", "--json")
    assert ids(done) == [5, 4, 3, 2, 1, 0]
    assert done.err == ""
    newest, held, *_ = done.lines
    assert newest["state"] == "decided"
    assert (newest["decision"], newest["reason"]) == ("rejected", "because-rejected")
    assert (newest["client"], newest["reference"]) == ("inn", "order-5")
    assert newest["delivery"] == "pending"
    assert (held["state"], held["waiting_for"], held["calls"]) == ("held", "operator", 1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--client", "shop"], [4, 2, 0]),
        (["--client", "shop", "--client", "inn"], [5, 4, 2, 0]),
        (["--client", "nobody"], []),
        (["--state", "decided"], [5, 2]),
        (["--state", "decided", "--client", "shop"], [2]),
        (["--state", "held"], [4]),
        (["--state", "held", "--client", "bank"], []),
        (["--state", "awaiting_upload"], [0, 1, 3]),
        (["--after", f"ver_{4:026d}"], [3, 2, 1, 0]),
        (["--decision", "rejected"], [5, 2]),
        (["--decision", "passed"], []),
        (["--delivery", "pending", "--client", "shop"], [2]),
        (["--reference", "order-3"], [3]),
        (["--check", "reflect", "--limit", "10"], [5, 4, 3, 2, 1, 0]),
        (["--check", "photo"], []),
        (["--state", "held", "--reference", "order-1"], []),
        (["--since", "1d"], []),
        (["--until", "1970-01-02"], [5, 4, 3, 2, 1, 0]),
        (["--until", "1d", "--state", "held"], [4]),
    ],
)
def test_a_list_can_be_of_a_state_a_client_or_a_later_part(
    liveproof: Liveproof, options: list[str], expected: list[int]
) -> None:
    assert sorted(ids(liveproof("list", "--json", *options))) == sorted(expected)


def test_the_oldest_may_come_first(liveproof: Liveproof) -> None:
    assert ids(liveproof("list", "--json", "--oldest")) == [0, 1, 2, 3, 4, 5]
    later = ["--after", f"ver_{3:026d}"]
    assert ids(liveproof("list", "--json", "--oldest", *later)) == [4, 5]


def test_a_limited_list_says_how_it_goes_on(liveproof: Liveproof) -> None:
    seen: list[int] = []
    options: list[str] = []
    while True:
        done = liveproof("list", "--json", "--limit", "2", *options)
        seen += ids(done)
        more = re.search(r"--after (ver_\w+)", done.err)
        if more is None:
            break
        options = ["--after", more[1]]
    assert seen == [5, 4, 3, 2, 1, 0]


def test_a_limited_list_by_due_time_says_nothing_that_it_would_refuse(
    liveproof: Liveproof,
) -> None:
    done = liveproof("list", "--json", "--state", "awaiting_upload", "--limit", "2")
    assert ids(done) == [0, 1]
    assert "there may be more" in done.err
    assert "--after" not in done.err
    whole = liveproof("list", "--json", "--state", "awaiting_upload", "--limit", "3")
    assert ids(whole) == [0, 1, 3]
    assert whole.err == ""


def test_a_table_has_a_line_for_each_and_nothing_is_cut_in_a_pipe(liveproof: Liveproof) -> None:
    head, _, *lines = liveproof("list").out.splitlines()
    assert head.split() == [
        "id", "state", "decision", "check", "client", "reference", "delivery", "age", "reason"
    ]  # fmt: skip
    assert [line.split()[0] for line in lines] == [
        f"ver_{number:026d}" for number in range(5, -1, -1)
    ]
    assert "waits: operator" in lines[1]
    assert "\x1b" not in "".join(lines)


def test_a_clients_text_cannot_control_the_terminal(liveproof: Liveproof, records: Records) -> None:
    records.save(numbered(9, reference="\x1b[2J[red]order\n7"))
    (line,) = [line for line in liveproof("list").out.splitlines() if f"{9:026d}" in line]
    assert r"\x1b[2J[red]order\n7" in line


def test_a_clients_text_cannot_control_the_terminal_as_json_either(
    liveproof: Liveproof, records: Records
) -> None:
    """JSON escapes the controls of ASCII. Terminals obey those after them, too."""
    hostile, harmless = "\x9b2J\x85\u202etxt.exe\x7f\U000e0041", "小店 “é”"
    records.save(numbered(9, reference=f"{hostile} {harmless}"))
    done = liveproof("list", "--json")
    (line,) = [line for line in done.lines if line["id"] == f"ver_{9:026d}"]
    assert line["reference"] == f"{hostile} {harmless}"
    assert harmless in done.out
    assert [character for character in hostile if character in done.out] == list("2Jtxt.exe")


@pytest.mark.parametrize(
    "options",
    [["--after", "ver_1"], ["--state", "gone"], ["--state", "held", "--after", "ver_" + "0" * 26]],
)
def test_contradicting_options_of_a_list_are_a_misuse(
    liveproof: Liveproof, options: list[str]
) -> None:
    assert liveproof("list", *options).status == 2


def test_a_list_reads_so_much_and_then_says_where_it_goes_on(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 1)
    monkeypatch.setattr(listing, "_MOST_PAGES", 2)
    *entries, last = by_age(records, ["shop", "bank", "inn"], Filter(), None)
    assert last == Pause(f"ver_{2:026d}")
    assert [entry.id[-1] for entry in entries] == ["5", "4", "3", "2"]
    rest = by_age(records, ["shop", "bank", "inn"], Filter(), last.id)
    assert [entry.id[-1] for entry in rest] == ["1", "0"]
