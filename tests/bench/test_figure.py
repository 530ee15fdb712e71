import io
import json

import pytest

from bench.figure import Figure, table


def figure(value: float, at_most: float | None, **extra: float | int | str) -> Figure:
    return Figure("subject.part", value, "ms", 200.0, "the baseline", at_most, extra)


def test_a_line_has_value_baseline_and_their_ratio() -> None:
    document = json.loads(figure(50.0, None, runs=9).line())
    assert document == {
        "figure": "subject.part",
        "value": 50.0,
        "unit": "ms",
        "baseline": 200.0,
        "baseline_name": "the baseline",
        "ratio": 0.25,
        "runs": 9,
    }


@pytest.mark.parametrize(("value", "met"), [(100.0, True), (100.1, False)])
def test_a_goal_is_the_largest_ratio_that_is_good_enough(value: float, met: bool) -> None:
    document = json.loads(figure(value, 0.5).line())
    assert (document["goal_ratio_at_most"], document["goal_met"]) == (0.5, met)


def test_a_goal_of_none_at_all_is_met_by_zero_only() -> None:
    assert figure(0, 0.0).goal_met
    assert not figure(1, 0.0).goal_met


def test_counts_stay_whole_and_measurements_have_four_digits() -> None:
    line = Figure("a.b", 12.34567, "s", 3, "c", extra={"runs": 40, "slowest_s": 1.23456}).line()
    document = json.loads(line)
    assert (document["value"], document["baseline"]) == (12.35, 3)
    assert (document["runs"], document["slowest_s"]) == (40, 1.235)
    assert '"baseline": 3,' in line


def test_the_table_shows_a_missed_goal() -> None:
    rows = table([figure(150.0, 0.5), figure(50.0, 0.5)], io.StringIO(), {}).splitlines()
    assert "MISSED" in rows[2]
    assert "MISSED" not in rows[3]
    assert "met" in rows[3]
