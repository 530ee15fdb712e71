"""What codes and scores mean, where no check of its own is needed to see it."""

from __future__ import annotations

import pytest

from liveproof import facts
from liveproof.checks.reading import interpret, is_throttling, score_in
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision
from liveproof.facts import CodeKind

REFLECT = facts.checks()["reflect"]
API = facts.apis()[REFLECT.apis[0]]
TABLE = facts.code_table(API.codes)


def test_a_passing_score_is_the_ledgers_and_the_decision() -> None:
    reading = interpret(REFLECT, API, "Success", 96.3, 70.0)

    assert (reading.outcome, reading.decision) == (CallOutcome.ANSWERED, Decision.PASSED)
    assert (reading.score, reading.codes_date) == (96.3, TABLE.date)
    assert reading.is_in_table
    assert not reading.is_alert


def test_a_score_is_kept_only_where_it_means_something() -> None:
    scored = {code for code, entry in TABLE.codes.items() if entry.scored}
    kept = {
        code for code in TABLE.codes if interpret(REFLECT, API, code, 50.0, 70.0).score is not None
    }

    assert kept == scored != set()


@pytest.mark.parametrize("code", [None, "", "Never.Heard", "success"])
def test_a_code_that_is_in_no_table_passes_nobody(code: str | None) -> None:
    reading = interpret(REFLECT, API, code, 100.0, 0.0)

    assert reading.decision is Decision.ERROR
    assert (reading.billable, reading.score) == ("unknown", None)
    assert reading.is_in_table is (code is None)
    assert reading.is_alert is (code is None)


def test_only_a_request_that_came_too_fast_slows_down_the_calls() -> None:
    throttled = {
        code for code in TABLE.codes if interpret(REFLECT, API, code, None, 0.0).is_throttled
    }
    kinds = {code: entry.kind for code, entry in TABLE.codes.items()}

    assert throttled == {code for code in kinds if kinds[code] is CodeKind.RATE_LIMITED} != set()
    assert {code for code in kinds if is_throttling(API, code)} == throttled
    assert not is_throttling(API, "Never.Heard")


def test_an_alert_is_of_the_codes_that_only_an_operator_or_we_can_do_something_about() -> None:
    readings = {code: interpret(REFLECT, API, code, 50.0, 70.0) for code in TABLE.codes}
    alerts = {code for code, reading in readings.items() if reading.is_alert}

    assert alerts == {
        code
        for code, entry in TABLE.codes.items()
        if entry.reason == "vendor_refused_input" or entry.kind is CodeKind.OPERATOR_ACTION
    }
    assert 0 < len(alerts) < len(readings)
    assert all(reading.is_in_table for reading in readings.values())


def test_a_pass_without_a_score_is_no_answer() -> None:
    reading = interpret(REFLECT, API, "Success", None, 0.0)

    assert (reading.reason, reading.is_alert) == ("vendor_answer_incomplete", True)


@pytest.mark.parametrize(
    ("value", "score"),
    [
        (0, 0.0),
        (100, 100.0),
        (99.5, 99.5),
        (-0.001, None),
        (100.001, None),
        (True, None),
        ("50", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_score_is_a_number_in_its_range(value: object, score: float | None) -> None:
    assert score_in(value, 0, 100) == score
