"""When a vendor counts as down: the table of the breaker."""

from __future__ import annotations

import pytest
from msgspec import structs

from liveproof.domain.breaker import PAUSE_MS, PROBE_MS, Breaker, after_failure
from liveproof.domain.run_times import PREPARE_SECONDS, SLOT_WAIT_SECONDS
from liveproof.settings import Settings

NOW = 1_795_000_000_000
OPEN = NOW + PAUSE_MS
MINUTE_MS = 60_000


def window(taken: int, failures: int, *, age: int = 1_000, open_until: int = 0) -> Breaker:
    """So many requests in the window, of which so many failed."""
    return Breaker(1_000 + taken, failures, NOW - age, 1_000, open_until)


@pytest.mark.parametrize(
    ("before", "open_until"),
    [
        pytest.param(window(9, 9), 0, id="nine requests say nothing"),
        pytest.param(window(10, 10), OPEN, id="ten that failed"),
        pytest.param(window(10, 5), OPEN, id="half of ten"),
        pytest.param(window(10, 4), 0, id="less than half of ten"),
        pytest.param(window(300, 149), 0, id="less than half of many"),
        pytest.param(window(300, 150), OPEN, id="half of many"),
        pytest.param(window(2, 10), OPEN, id="most were in flight when the window began"),
        pytest.param(window(2, 9), 0, id="nine of those"),
        pytest.param(window(10, 10, age=MINUTE_MS - 1), OPEN, id="just within a minute"),
        pytest.param(window(10, 10, age=MINUTE_MS), 0, id="a minute later"),
    ],
)
def test_after_a_failure_the_vendor_is_down(before: Breaker, open_until: int) -> None:
    assert after_failure(before, NOW, is_probe=False).open_until == open_until


def test_a_window_begins_with_its_first_failure() -> None:
    assert after_failure(window(500, 7, age=MINUTE_MS), NOW, is_probe=False) == Breaker(
        1_500, 1, NOW, 1_499, 0
    )
    assert after_failure(Breaker(1, 1), NOW, is_probe=False) == Breaker(1, 1, NOW, 0, 0)


@pytest.mark.parametrize(
    ("open_until", "is_probe", "after"),
    [
        pytest.param(NOW + 5_000, False, OPEN, id="of a request sent before: the pause begins"),
        pytest.param(NOW + 80_000, False, NOW + 80_000, id="a probe is under way: it goes on"),
        pytest.param(NOW + 80_000, True, OPEN, id="the probe itself"),
    ],
)
def test_a_failure_while_the_vendor_is_down(open_until: int, is_probe: bool, after: int) -> None:
    before = window(3, 3, open_until=open_until)

    assert after_failure(before, NOW, is_probe=is_probe) == before._replace(open_until=after)


def test_a_probe_lasts_as_long_as_a_relay_and_a_call_that_both_wait_for_their_slots() -> None:
    """Else a second run would be the probe while the first one is still at it."""
    defaults = {field.name: field.default for field in structs.fields(Settings)}
    seconds = 2 * SLOT_WAIT_SECONDS + PREPARE_SECONDS + defaults["call_timeout_seconds"]

    assert seconds * 1000 <= PROBE_MS
