"""When a webhook is tried again."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.verification import DeliveryState
from liveproof.facts import webhook_schedule
from liveproof.webhooks.retries import (
    FREQUENT_FAULTS,
    after_attempt,
    fault_delay_ms,
    retry_after_seconds,
)
from tests.support.verifications import NOW

SCHEDULE = webhook_schedule()


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_2xx_delivers(status: int) -> None:
    response = WebhookResponse(status, None, 1)

    assert after_attempt(SCHEDULE, 1, response) == (DeliveryState.DELIVERED, None)


@pytest.mark.parametrize("status", [500, 410])
@pytest.mark.parametrize("attempts", range(1, len(SCHEDULE.delays_seconds) + 1))
def test_each_delay_is_the_schedules_within_its_jitter(attempts: int, status: int) -> None:
    state, delay = after_attempt(SCHEDULE, attempts, WebhookResponse(status, None, 1))
    planned = SCHEDULE.delays_seconds[attempts - 1]

    assert state is DeliveryState.PENDING
    assert delay is not None
    assert planned * (1 - SCHEDULE.jitter) <= delay <= planned * (1 + SCHEDULE.jitter)


def test_deliveries_that_failed_together_come_back_before_and_after_the_planned_time() -> None:
    """Else an endpoint that fell over under its webhooks gets them all at once again."""
    failed = WebhookResponse(500, None, 1)
    planned, jitter = SCHEDULE.delays_seconds[2], SCHEDULE.jitter
    delays = [after_attempt(SCHEDULE, 3, failed)[1] or 0 for _ in range(200)]

    assert min(delays) < planned * (1 - jitter / 2)
    assert max(delays) > planned * (1 + jitter / 2)


def test_the_delivery_is_exhausted_after_the_schedules_last_delay() -> None:
    attempts = len(SCHEDULE.delays_seconds) + 1

    assert after_attempt(SCHEDULE, attempts, WebhookResponse(None, "timed_out", 1)) == (
        DeliveryState.EXHAUSTED,
        None,
    )


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_overloaded_endpoint_gets_a_minute(status: int) -> None:
    assert after_attempt(SCHEDULE, 1, WebhookResponse(status, None, 1))[1] == 60


def test_an_endpoint_may_ask_for_a_day_at_most() -> None:
    response = WebhookResponse(503, None, 1, retry_after=1e9)

    assert after_attempt(SCHEDULE, 1, response)[1] == 86_400


def test_the_wait_after_our_own_faults_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [fault_delay_ms(faults) for faults in range(FREQUENT_FAULTS - 1)]

    assert waits[:3] == [10_000, 20_000, 40_000]
    assert set(waits[7:]) == {900_000}
    assert 3 <= sum(waits) / 86_400_000 < 3.3


def test_after_three_days_of_our_own_faults_there_is_a_try_a_day() -> None:
    later = (FREQUENT_FAULTS - 1, FREQUENT_FAULTS, 10_000)

    assert [fault_delay_ms(faults) for faults in later] == [86_400_000] * 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        ("٣", None),
        ("", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 01 Jan 0001 00:00:00 -0000", 0),
        (formatdate(NOW / 1000 + 300, usegmt=True), 300),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.one_of(st.text(), st.from_regex(r"[A-Z][a-z]{2}, \d{1,9} [A-Z][a-z]{2} \d{1,9} .*")))
def test_no_retry_after_header_breaks_the_delivery(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)

    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("offset", ["+0000", "-0000", "+0200", "-0530"])
def test_a_date_of_retry_after_is_in_the_time_zone_that_it_names(
    monkeypatch: pytest.MonkeyPatch, offset: str
) -> None:
    """-0000 names none, and is read as UTC wherever the code runs (RFC 5322, 3.3)."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        sign = -1 if offset[0] == "-" else 1
        east = sign * (int(offset[1:3]) * 3600 + int(offset[3:]) * 60)
        date = formatdate(NOW / 1000 + 300 + east, usegmt=True).replace("GMT", offset)
        assert retry_after_seconds(date, NOW) == 300
    finally:
        monkeypatch.undo()
        time.tzset()
