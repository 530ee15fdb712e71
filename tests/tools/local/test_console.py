"""The console page and what it is made from."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import msgspec
import pytest

from liveproof import facts
from liveproof.api.schemas import VerificationView
from liveproof.domain.verification import Decision
from liveproof_client import Liveproof
from liveproof_emulator.ledger import Entry
from tools import ROOT
from tools.local import cloud, emulator
from tools.local.receiver import Receiver

PAGE = (ROOT / "tools" / "local" / "console.html").read_text(encoding="utf-8")


def header(body: str) -> list[str]:
    """The columns of the table whose body has this id."""
    found = re.search(rf'<thead><tr>([^\n]*)</tr></thead>\s*<tbody id="{body}">', PAGE)
    assert found
    return found.group(1).removeprefix("<th>").split("<th>")


def test_the_page_reads_fields_that_verifications_and_calls_have() -> None:
    known = {field.name for field in msgspec.structs.fields(VerificationView)}
    assert set(re.findall(r"\bv\.(\w+)", PAGE)) <= known
    ledger = set(Entry.__dataclass_fields__) | {"state"}
    assert set(re.findall(r"\bc\.(\w+)", PAGE)) <= ledger


def test_the_page_counts_every_decision_of_every_check() -> None:
    assert header("checks") == ["check", *(each.value for each in Decision), "undecided"]
    counted = re.search(r"decided = \[([^\]]*)\]", PAGE)
    assert counted
    assert re.findall(r'"(\w+)"', counted.group(1)) == [each.value for each in Decision]


def test_the_page_shows_the_check_and_the_best_frame_of_a_verification() -> None:
    columns = header("verifications")
    assert {"check", "decision", "scores", "best frame", "webhook"} <= set(columns)


def test_when_the_api_does_not_answer_the_page_says_so_and_still_names_the_checks(
    tmp_path: Path,
) -> None:
    with emulator.run_emulator(tmp_path / "emulator.log") as vendor, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        api = Liveproof(f"http://127.0.0.1:{closed.getsockname()[1]}", "lp_key", total_seconds=0.1)
        state = cloud.console_state([api], Receiver({}), vendor)
    assert state["checks"] == list(facts.checks())
    assert state["trouble"]
    assert state["verifications"] == []


@pytest.mark.parametrize("body", ["verifications", "calls"])
def test_every_row_has_a_cell_for_each_column(body: str) -> None:
    row = re.search(
        rf'getElementById\("{body}"\).replaceChildren\(.*?row\(\[(.*?)\]\)\)\)', PAGE, re.S
    )
    assert row
    depth, cells = 0, 1
    for letter in row.group(1):
        depth += (letter in "([{") - (letter in ")]}")
        cells += letter == "," and depth == 0
    assert cells == len(header(body))
