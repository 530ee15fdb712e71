"""The demo's judgement: its table, its ledger, its last line, its exit status."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from local import demo, scenarios
from local.demo import Outcome, compare_ledger, verdict
from local.scenarios import Scenario
from local.table import Paint, render


@pytest.fixture(scope="module")
def wanted() -> list[Scenario]:
    return scenarios.reflect(random.Random(1), None, None)


def good(scenario: Scenario) -> Outcome:
    return Outcome(scenario, scenario.decision, scenario.reason, verified=True)


def calls(*names: str) -> list[dict[str, str]]:
    return [{"action": demo.PAID_ACTION, "scenario": name} for name in names]


def test_all_as_expected_is_said_in_the_last_line_and_exits_zero(
    wanted: list[Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict([good(each) for each in wanted], []) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "demo: 6 of 6 verifications ended as expected, 6 webhooks verified"


def test_one_problem_or_one_unverified_webhook_or_one_surplus_call_fails_the_demo(
    wanted: list[Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = [good(each) for each in wanted]
    assert verdict(outcomes, ["2 paid calls of scenario pass, expected 1"]) == 1
    outcomes[0].verified = False
    assert verdict(outcomes, []) == 1
    outcomes[0].verified = True
    outcomes[1].problems.append("no decision")
    assert verdict(outcomes, []) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "demo: 5 of 6 verifications ended as expected, 6 webhooks verified"


def test_the_ledger_has_one_paid_call_for_each_judged_verification_and_none_for_the_others(
    wanted: list[Scenario],
) -> None:
    assert compare_ledger(wanted, calls("pass", "other-person", "spoof", "pass")) == []


def test_a_missing_or_repeated_paid_call_is_told(wanted: list[Scenario]) -> None:
    assert compare_ledger(wanted, calls("pass", "pass", "pass", "spoof")) == [
        "0 paid calls of scenario other-person, expected 1",
        "3 paid calls of scenario pass, expected 2",
    ]


def test_calls_that_cost_nothing_are_not_counted(wanted: list[Scenario]) -> None:
    free = [{"action": "CreateUploadUrl", "scenario": "pass"}]
    assert compare_ledger(wanted, free + calls("pass", "other-person", "spoof", "pass")) == []


def test_own_files_are_used_by_the_pass_scenario_alone_and_left_unchanged(tmp_path: Path) -> None:
    photo, packet = tmp_path / "me.png", tmp_path / "packet"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n mine")
    packet.write_bytes(b"my packet")
    first, *others = scenarios.reflect(random.Random(1), photo, packet)
    assert first.name == "pass"
    assert {name: each.data for name, each in first.files.items()} == {
        "image": photo.read_bytes(),
        "live_data": packet.read_bytes(),
    }
    for each in others:
        assert photo.read_bytes() not in [sample.data for sample in each.files.values()]


def test_a_row_shows_expected_and_got_and_milliseconds(wanted: list[Scenario]) -> None:
    outcome = good(wanted[0])
    outcome.timings.update(create=0.0123, webhook=1.5)
    assert demo.row(outcome, Paint(False)) == [
        "pass", "passed", "passed", "passed", "12", "-", "-", "1500", "yes",
    ]  # fmt: skip


def test_a_table_lines_up_whatever_the_colours() -> None:
    rows = [["a", "1"], ["bbb", "22"]]
    plain = render(["name", "n"], rows, right=["n"])
    assert plain.splitlines() == ["name   n", "----  --", "a      1", "bbb   22"]
    paint = Paint(True)
    coloured = render(["name", "n"], [[paint("red", "a"), "1"], rows[1]], right=["n"])
    assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="one cell per column"):
        render(["a", "b"], [["1"]])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "NO_COLOR", "pipe"],
)
def test_colours_are_for_terminals_without_no_color(
    stream: io.StringIO, environment: dict[str, str], coloured: bool
) -> None:
    assert Paint.for_stream(stream, environment).enabled is coloured
