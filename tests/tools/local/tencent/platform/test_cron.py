"""SCF's seven-field cron, as far as it is understood."""

from __future__ import annotations

import pytest

from tools.local.tencent.platform.cron import Cron, CronError

# 2026-11-20T10:20:30Z
NOW = 1795256430


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0 * * * * * *", [30, 90, 150]),
        ("* * * * * * *", [1, 2, 3]),
        ("0 */5 * * * * *", [270, 570, 870]),
        ("*/20 * * * * * *", [10, 30, 50]),
        ("15,45 * * * * * *", [15, 45, 75]),
        ("50-59/5 20 * * * * *", [20, 25, 3620]),
        ("0 19 * * * * *", [3510, 7110, 10710]),
        ("7/25 * * * * * *", [2, 27, 37]),
    ],
)
def test_due_times_follow_each_other(text: str, seconds: list[int]) -> None:
    assert NOW % 3600 == 20 * 60 + 30
    cron, moment, due_times = Cron.parse(text), float(NOW), []
    for _ in seconds:
        moment = cron.next_after(moment)
        due_times.append(int(moment) - NOW)
    assert due_times == seconds


def test_the_next_time_is_never_now() -> None:
    cron = Cron.parse("0 * * * * * *")
    assert cron.next_after(60.0) == 120
    assert cron.next_after(59.999) == 60
    assert cron.next_after(60.001) == 120


@pytest.mark.parametrize(
    "text",
    [
        "", "* * * * *", "0 * * * * *", "0 * * * * * * *", "60 * * * * * *", "0 61 * * * * *",
        "5-1 * * * * * *", "*/0 * * * * * *", "-1 * * * * * *", "a * * * * * *", "1, * * * * * *",
        "0 0 3 * * * *", "0 0 * 1 * * *", "0 0 * * JAN * *", "0 0 * * * MON *", "0 0 * * * * 2027",
        "0 0 * * * ? *",
    ],
)  # fmt: skip
def test_an_unreadable_expression_is_refused(text: str) -> None:
    with pytest.raises(CronError):
        Cron.parse(text)


@pytest.mark.parametrize(("text", "name"), [("0 0 3 * * * *", "hours"), ("0 0 * * * 1 *", "week")])
def test_a_field_in_which_a_zone_would_matter_is_named(text: str, name: str) -> None:
    with pytest.raises(CronError, match=name):
        Cron.parse(text)
