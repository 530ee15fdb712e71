"""When a vendor counts as down at an API: a circuit breaker for each limit.

Its state is five numbers in the row that every reservation of a slot updates. So a reservation
learns for nothing that the vendor is down, and counts itself; only a failure takes a write of its
own, and the success of a probe.

    closed       requests are made; failures are counted in a window that begins with the first
    open         until `open_until` nobody makes a request
    half open    after `open_until` one function wins the probe, by a write that moves it on
    closed       as soon as a probe is answered; if it fails, open again

A probe that was won by a run that then sends no request is given back: the next one wins it.

A verdict is an answer, and so is a refusal for the rate: neither is a failure.
"""

from __future__ import annotations

from typing import NamedTuple

WINDOW_MS = 60_000
LEAST_OUTCOMES = 10
"""So many requests must have been made in the window: one of two says nothing."""

SHARE = 0.5
"""The share of failures with which a vendor counts as down."""

PAUSE_MS = 15_000
"""The time from a failure to the next probe."""

PROBE_MS = 90_000
"""A probe whose function died ends after this time. A relay, a slot and a call fit into it."""


class Breaker(NamedTuple):
    """The state; 0 for what never was. Times are ms since 1970.

    Attributes:
        taken: slots taken so far, ever.
        failures: in the window, the newest one included.
        window_at: when the window began.
        window_taken: `taken` before the window.
        open_until: 0 while the vendor is up.
    """

    taken: int = 0
    failures: int = 0
    window_at: int = 0
    window_taken: int = 0
    open_until: int = 0


def after_failure(breaker: Breaker, now: int, *, is_probe: bool) -> Breaker:
    """The state after a failure that is already counted in `failures`.

    Args:
        is_probe: whether the request that failed was the probe.
    """
    if breaker.open_until:
        # Of another request, sent before: a probe that is under way keeps its time.
        least = now + PAUSE_MS
        return breaker._replace(open_until=least if is_probe else max(breaker.open_until, least))
    if now - breaker.window_at >= WINDOW_MS:
        breaker = breaker._replace(failures=1, window_at=now, window_taken=breaker.taken - 1)
    # Requests that were in flight when the window began may fail in it, too.
    outcomes = max(breaker.taken - breaker.window_taken, breaker.failures)
    if outcomes >= LEAST_OUTCOMES and breaker.failures >= SHARE * outcomes:
        return breaker._replace(open_until=now + PAUSE_MS)
    return breaker
