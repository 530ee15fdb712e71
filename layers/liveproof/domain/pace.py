"""The pace of requests to a vendor: how far apart the slots of one limit are.

A vendor admits so many requests in any second, counted as they arrive. What leaves in a slot does
not arrive exactly then, so the requests of one second are spread over `JITTER_MS` more.

A request whose slot is `PREPARED_MS` away or more prepares itself ahead: its connection is open
before the slot. A request in a nearer slot leaves as soon as it can, but later than its slot, so
the next slots are further apart. That is so while a limit is not used to the full; where a line
waits, every slot is far enough away.

Others may use the same limit: another deployment of the account, or a script. Nobody tells us but
the vendor, by refusing requests. Each refusal slows the limit's pace, and the pace recovers with
time (additive increase, multiplicative decrease, as TCP has it). The whole state is one time:
`full_at`, when the pace is the full one again if nothing is refused until then. Both stores keep it
in the row of the limit.

Times are milliseconds since 1970, UTC, where a name does not say `us` (microseconds): a slot of 50
requests a second is no whole number of milliseconds wide.
"""

from __future__ import annotations

import math
from enum import Enum

JITTER_MS = 30
"""A call may arrive so much later, after its slot, than the calls around it. On a quiet machine the
local clouds' calls are within 10 ms of their slots, and within 30 ms mostly while other work has
both cores (`make bench`)."""

UNPREPARED_JITTER_MS = 400
"""The same for a call whose slot is nearer than `PREPARED_MS`: opening its connection and writing
the ledger took up to 250 ms on a local cloud whose two cores were both busy."""

PREPARED_MS = 300
"""A call whose slot is so far away has its connection open and `called` written before the slot,
and leaves in it."""

LEAD_MS = 600
"""So long before its slot at most, a call's connection is opened and `called` is written in the
ledger, so that neither delays the call. Of a thousand calls on a local AWS that proved uploads on
the same two cores, four needed 400 to 480 ms. A run that is killed between that and its call has an
unknown outcome, so the lead is short."""

LENIENT_FROM = 0.9
"""At this part of the full pace and above it, a refusal may come of a late call of our own, whose
function had no processor for a tenth of a second. A few of them do not lead below it."""

FIRST_SLOWDOWN = 0.97
"""What a refusal leaves of such a pace."""

SLOWDOWN = 0.85
"""What a refusal leaves of a slower pace: others use the same limit."""

SLOWDOWN_INTERVAL_MS = 1_000
"""The requests refused within this time were sent before the first refusal could have an effect, so
they count as one."""

RECOVERY_PER_SECOND = 0.004
"""The part of the full pace that comes back each second. Deployments that share a limit try to grow
all the time: the faster, the more of their requests are refused. With this number two of them have
2 to 3 % refused (tests/domain/test_pace.py)."""

SLOWEST = 0.05
"""The pace never falls below this part of the full one."""


class Distance(Enum):
    """How far away a limit's first free slot is: over, nearer than `PREPARED_MS`, or not."""

    IDLE, NEAR, FAR = range(3)


def distance_of(next_us: int, now: int) -> Distance:
    """How far away the slot at `next_us` (microseconds) is at `now`."""
    if next_us < now * 1000:
        return Distance.IDLE
    return Distance.NEAR if next_us < (now + PREPARED_MS) * 1000 else Distance.FAR


def slot_width_us(per_second: float, full_at: int, now: int, ahead_ms: float) -> int:
    """The distance of a slot to the one after it, in microseconds.

    Args:
        now: when the slot is reserved.
        ahead_ms: how far away the slot is then.
    """
    jitter = JITTER_MS if ahead_ms >= PREPARED_MS else UNPREPARED_JITTER_MS
    return math.ceil((1000 + jitter) * 1000 / (per_second * pace(full_at, now)))


def slot_ms(slot_us: int) -> int:
    """The time of a slot in milliseconds, rounded up: never before the slot."""
    return -(-slot_us // 1000)


def pace(full_at: int, now: int) -> float:
    """The part of the full pace that is used at `now`, from `SLOWEST` to 1."""
    return max(SLOWEST, 1 - max(0, full_at - now) / 1000 * RECOVERY_PER_SECOND)


def slow_down(full_at: int, now: int) -> int:
    """The new `full_at` after a refusal."""
    before = pace(full_at, now)
    slower = max(SLOWEST, before * (FIRST_SLOWDOWN if before >= LENIENT_FROM else SLOWDOWN))
    return now + math.ceil((1 - slower) / RECOVERY_PER_SECOND * 1000)
