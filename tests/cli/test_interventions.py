"""`hold`, `release`, `settle`, `resend`: their options, their output, their failures."""

from __future__ import annotations

import getpass
import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.audit import interventions
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision, Verification
from liveproof.ports import Records
from liveproof_cli.operations import Operations
from tests.support.command_line import Liveproof
from tests.support.verifications import NOW, numbered, ready, settled, verdict

READY, HELD, DECIDED = (f"ver_{number:026d}" for number in (1, 2, 3))
WHY = ("--why", "ticket 7")


@pytest.fixture(autouse=True)
def stored(records: Records, named: Path) -> None:
    """One verification that is ready, one that is held, one that is decided."""
    held = lifecycle.held(settled(CallOutcome.UNKNOWN), NOW + 1, NOW)
    decided = lifecycle.decided(numbered(3), verdict(Decision.REJECTED))
    for name, entry in ((READY, ready()), (HELD, held), (DECIDED, decided)):
        records.save(replace(entry, id=name, version=0))


class _Terminal(io.StringIO):
    """Standard input where a person types."""

    def isatty(self) -> bool:
        return True


def loaded(records: Records, name: str) -> Verification:
    entry = records.load(name)
    assert entry is not None
    return entry


@pytest.mark.parametrize(
    ("arguments", "name", "state", "sentence"),
    [
        (["hold", READY], READY, "held", "is held until 20"),
        (["hold", HELD, "--hours", "48"], HELD, "held", "is held until 20"),
        (["release", HELD], HELD, "checking", "is released"),
        (["release", "--all", "--yes"], HELD, "checking", "is released"),
        (["settle", HELD, "--outcome", "not_executed"], HELD, "checking", "goes on"),
        (["settle", HELD, "--outcome", "billed"], HELD, "decided", "is decided: error"),
        (["settle", HELD, "--outcome", "unknown"], HELD, "decided", "is decided: error"),
        (["resend", DECIDED], DECIDED, "decided", "is sent again"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_operator_acts_and_the_record_says_who_and_why(
    liveproof: Liveproof,
    records: Records,
    arguments: list[str],
    name: str,
    state: str,
    sentence: str,
) -> None:
    done = liveproof(*arguments, *WHY)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{name} {sentence}")
    after = loaded(records, name)
    assert after.status.value == state
    (intervention,) = interventions(after)
    assert intervention.kind.value == arguments[0]
    assert intervention.why == "ticket 7"
    assert intervention.by.startswith(f"{getpass.getuser()}@")
    shown = liveproof("show", name).out
    assert f"{arguments[0]}" in shown
    assert "ticket 7" in shown


def test_json_says_what_became_of_it(liveproof: Liveproof) -> None:
    (line,) = liveproof("hold", READY, "--json", "--by", "ana", *WHY).lines
    assert (line["id"], line["state"]) == (READY, "held")
    assert line["due_at"].startswith("20")
    (shown,) = liveproof("show", READY, "--json").lines
    assert [one["by"] for one in shown["interventions"]] == ["ana"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["hold", READY],
        ["hold", READY, "--why", "  "],
        ["hold", READY, "--why", "x" * 301],
        ["hold", READY, "--hours", "0", *WHY],
        ["release", *WHY],
        ["release", HELD, "--all", *WHY],
        ["release", "--all", *WHY],
        ["settle", HELD, *WHY],
        ["settle", HELD, "--outcome", "passed", *WHY],
        ["resend", *WHY],
        ["resend", DECIDED, "--since", "2d", *WHY],
        ["resend", DECIDED, "--send", *WHY],
        ["resend", "--send", *WHY],
        ["resend", "--since", "yesterday", *WHY],
    ],
    ids=" ".join,
)
def test_a_misuse_changes_nothing(
    liveproof: Liveproof, records: Records, arguments: list[str]
) -> None:
    before = [loaded(records, name) for name in (READY, HELD, DECIDED)]
    done = liveproof(*arguments)
    assert (done.status, done.out) == (2, "")
    assert [loaded(records, name) for name in (READY, HELD, DECIDED)] == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hold", DECIDED], "only what is ready"),
        (["release", READY], "is not held: it is ready"),
        (["settle", READY, "--outcome", "billed"], "is not held"),
        (["resend", READY], "there is no decision to send"),
        (["hold", "ver_0"], "no id of a verification"),
    ],
)
def test_a_refused_act_is_explained_in_one_line(
    liveproof: Liveproof, arguments: list[str], sentence: str
) -> None:
    done = liveproof(*arguments, *WHY)
    assert (done.status, done.out) == (1, "")
    assert sentence in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(("answer", "state"), [("y\n", "checking"), ("n\n", "held")])
def test_all_are_released_after_a_question(
    liveproof: Liveproof,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    state: str,
) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    done = liveproof("release", "--all", *WHY)
    assert "1 are held" in done.err
    assert done.status == (0 if state == "checking" else 1)
    assert loaded(records, HELD).status.value == state


def test_a_release_of_all_goes_on_after_one_that_somebody_released_meanwhile(
    liveproof: Liveproof, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the answer minutes may pass."""
    others = [f"ver_{number:026d}" for number in (5, 6)]
    for name in others:
        records.save(replace(loaded(records, HELD), id=name, version=0))
    release = Operations.release

    def with_another_operator(operations: Operations, name: str) -> Verification:
        if name == HELD:
            release(operations, HELD)
        return release(operations, name)

    monkeypatch.setattr(Operations, "release", with_another_operator)
    done = liveproof("release", "--all", "--yes", *WHY)

    assert done.status == 1
    assert f"{HELD} is not held: it is checking" in done.err
    assert [loaded(records, name).status.value for name in others] == ["checking", "checking"]


def test_a_resend_of_a_time_goes_on_after_one_that_was_erased_meanwhile(
    liveproof: Liveproof, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = lifecycle.decided(numbered(4), verdict(Decision.REJECTED))
    records.save(replace(other, version=0))
    resend = Operations.resend

    def with_an_erasure(operations: Operations, name: str) -> Verification:
        if name == other.id:
            operations.erase(name)
        return resend(operations, name)

    monkeypatch.setattr(Operations, "resend", with_an_erasure)
    options = ["--since", "1970-01-01", "--state", "pending", "--send"]
    done = liveproof("resend", *options, *WHY)

    assert done.status == 1
    assert f"{other.id} is erasing" in done.err
    assert f"{DECIDED} is sent again" in done.out
