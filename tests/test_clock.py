"""The system's clock, and times as text."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest

from liveproof.clock import SystemClock, iso, milliseconds_since, now_ms


def test_now_is_in_milliseconds_since_1970() -> None:
    before = time.time()
    now = now_ms()
    after = time.time()

    assert int(before * 1000) <= now <= int(after * 1000) + 1
    assert abs(SystemClock().now() - now) < 60_000


def test_sleeping_ends_at_its_time_and_not_before() -> None:
    clock = SystemClock()
    at = clock.now() + 20

    clock.sleep_until(at)

    assert clock.now() >= at


def test_a_time_that_is_over_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    clock = SystemClock()

    clock.sleep_until(clock.now() - 1_000_000)
    clock.sleep_until(clock.now() + 1_000_000)

    assert pauses[0] == 0
    assert 0 < pauses[1] <= 1_000


def test_a_duration_is_in_whole_milliseconds() -> None:
    assert milliseconds_since(time.monotonic()) < 60_000
    assert 250_000 <= milliseconds_since(time.monotonic() - 250) < 310_000


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_795_209_243_512, "2026-11-20T21:14:03.512Z"),
        (1_795_209_243_999, "2026-11-20T21:14:03.999Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
    ],
)
def test_a_time_is_written_in_utc_with_milliseconds(milliseconds: int, text: str) -> None:
    assert iso(milliseconds) == text
    read = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    assert round(read.timestamp() * 1000) == milliseconds
