"""The Steps port on SCF: asynchronous Invoke, and the sweep for steps that are due later.

Invoke cannot delay. So a step that is due soon is invoked at once and waits inside its function.
A step that is due later is left to the sweep, which runs every 20 seconds and looks ahead.

Time is divided into periods of 20 seconds. The timer starts the sweep of a period at `p`. The
period itself begins 2 seconds earlier, because clocks differ and timers may fire early. The window
of due times ends at p + 35 s (`window_end`), for a sweep and for all functions in the period:

    verification saved         step due                requested by
    before the sweep's query   until p + 15 s          the function that saved it
    before the sweep's query   p + 15 s to p + 35 s    both; the second run finds nothing due
    after the sweep's query    until p + 35 s          the function that saved it
    at any time                after p + 35 s          the sweep of a later period

So each step is requested before it is due, as long as no sweep is more than 15 seconds late. If a
sweep does not run, or an Invoke fails, the step is late: a later sweep finds it overdue.

A step that waits holds its function's memory, and SCF limits the memory of a region. So the sweep
runs as often, and looks as little ahead, as a timer that may be late allows.
"""

from __future__ import annotations

import json

from liveproof.clouds.tencent.retrying import RetryingApi, error_code
from liveproof.domain.states import Step
from liveproof.observability import wide_event
from liveproof.ports import Clock, Window
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi

LOOK_AHEAD_MS = 35_000
"""The window ends this long after a sweep's time: the 20 s until the next sweep, and the 15 s that
the next sweep may be late."""

SWEEP_PERIOD_MS = 20_000
"""The timer trigger's period, aligned to the full minute: in `infra/tencent/functions.json`."""

EARLY_MS = 2_000
"""A period begins this long before its sweep's time."""

NAMESPACE = "default"
QUALIFIER = "$LATEST"
"""Terraform deploys to these; they are Invoke's defaults, too (the vendor's SDK, scf v20180416)."""


class StepNotStarted(Exception):
    """SCF did not accept a step's event; the sweep retries. The text has SCF's code."""


def window_end(now: int) -> int:
    """The latest due time (ms) of a step that is invoked at once in the period of `now`."""
    sweep_time = (now + EARLY_MS) // SWEEP_PERIOD_MS * SWEEP_PERIOD_MS
    return sweep_time + LOOK_AHEAD_MS


class ScfSteps:
    """The deployment's functions, one per step, named `<function_prefix><step>`."""

    def __init__(self, api: TencentApi, function_prefix: str, clock: Clock) -> None:
        self._scf = RetryingApi(api, "scf", "2018-04-16", clock)
        self._function_prefix = function_prefix
        self._clock = clock

    def lookahead(self, now: int) -> Window | None:
        until = window_end(now)
        return Window(after=until - SWEEP_PERIOD_MS, until=until)

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        """See `Steps`. Raises StepNotStarted. SCF has no queue in which steps could wait."""
        now = self._clock.now()
        carried = wide_event.current().carried(verification_id)
        message: dict[str, str | int] = {"id": verification_id, **carried}
        if at is not None and at > now:
            if at > window_end(now):
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

    def has_backlog(self, step: Step, check: str | None) -> bool:
        return False  # SCF starts a function for every message
