"""The Steps port on SCF: asynchronous Invoke, and the sweep for what is due later.

Invoke cannot delay. So a step that is due soon is invoked at once and waits inside its function
for its time; one that is due later is left to the sweep, which runs every 20 seconds and looks
ahead. Both follow `asked_until`, so that their windows meet:

    a step asked for at `now` is invoked at once        if at <= asked_until(now)
    the sweep that runs at `now` asks for the ones with
        asked_until(now) - 20 s < due_at <= asked_until(now)

A period that the timer begins at `p` reaches here from p - 2 s to p + 18 s, and asked_until is
p + 35 s in it. Let the sweep of each period query the records at some moment q of it. Then every
step is asked for at least once before it is due, as long as q is not later than p + 15 s; and
exactly once, unless it was stored in the period and before q, and is due from p + 15 s to p + 35 s:
such a one is asked for by both, and the second run finds nothing due. The two seconds are for
clocks that differ and for timers that come early. A sweep that does not run, or an Invoke that
fails, delays a step until a sweep finds it overdue.

What waits holds its function's memory, of which SCF gives a region so much and no more. So the
sweep is as frequent, and looks as little ahead, as a timer that may be late allows.
"""

from __future__ import annotations

import json

from liveproof.clouds.tencent.retrying import RetryingApi, error_code
from liveproof.domain.states import Step
from liveproof.ports import Clock, Window
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi

LOOK_AHEAD_MS = 35_000
"""A sweep asks for what is due until this long after its period began: the 20 s until the next
sweep, and 15 s for that one to come late."""

SWEEP_PERIOD_MS = 20_000
"""The timer trigger's period: from the full minute on, in `infra/tencent/functions.json`."""

EARLY_MS = 2_000
"""What comes this much before a period begins belongs to it."""

NAMESPACE = "default"
QUALIFIER = "$LATEST"
"""What Terraform deploys to, and Invoke's own default (the vendor's SDK, scf v20180416)."""


class StepNotStarted(Exception):
    """SCF did not take a step's event; the sweep asks again. The text has SCF's code."""


def asked_until(now: int) -> int:
    """The due time (ms) until which steps are asked for by now; the sweep has asked for the rest.

    The same for all of a period (`SWEEP_PERIOD_MS`), and a period's length later in the next.
    """
    began = (now + EARLY_MS) // SWEEP_PERIOD_MS * SWEEP_PERIOD_MS
    return began + LOOK_AHEAD_MS


class ScfSteps:
    """The deployment's functions, one per step, named `<function_prefix><step>`."""

    def __init__(self, api: TencentApi, function_prefix: str, clock: Clock) -> None:
        self._scf = RetryingApi(api, "scf", "2018-04-16", clock)
        self._function_prefix = function_prefix
        self._clock = clock

    def lookahead(self, now: int) -> Window | None:
        until = asked_until(now)
        return Window(after=until - SWEEP_PERIOD_MS, until=until)

    def request(self, step: Step, verification_id: str, at: int | None = None) -> None:
        """Ask for the step.

        Raises:
            StepNotStarted: SCF did not take the event.
        """
        now = self._clock.now()
        message: dict[str, str | int] = {"id": verification_id}
        if at is not None and at > now:
            if at > asked_until(now):
                return
            message["at"] = at
        parameters = {
            "FunctionName": f"{self._function_prefix}{step.value}",
            "Namespace": NAMESPACE,
            "Qualifier": QUALIFIER,
            "InvocationType": "Event",
            "ClientContext": json.dumps(message),
        }
        try:
            # A duplicate is harmless: the second run finds nothing due.
            self._scf.request("Invoke", parameters)
        except VendorError as error:
            # No VendorError: the caller would take it for the paid call's.
            raise StepNotStarted(f"{step.value}: SCF: {error_code(error)}") from None
