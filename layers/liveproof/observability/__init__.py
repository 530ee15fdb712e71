"""Logs and metrics: one registered event per line, JSON, ids and codes only.

`record` takes no free text and no bytes: what may be logged is what an event names. Values of
secrets, URLs and uploaded bytes have no parameter to travel in.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aws_lambda_powertools import Logger

from liveproof.observability import wide_event
from liveproof.observability.emission import Emission
from liveproof.observability.event import Event
from liveproof.observability.metric import Measure, Metric
from liveproof.observability.wide_event import Field, WideEvent

__all__ = [
    "Event",
    "Measure",
    "Metric",
    "count",
    "logger",
    "measure",
    "metrics",
    "observed",
    "record",
    "record_failure",
]

logger = Logger(location=None)
metrics = Emission()
_had_a_run = False


def record(event: Event, *, verification: str | None = None, **fields: Field) -> None:
    """Write one log line.

    Args:
        event: what happened.
        verification: the id that it happened to.
        fields: short codes, numbers and ids that the event is about.
    """
    extra: dict[str, Field] = {name: value for name, value in fields.items() if value is not None}
    if verification is not None:
        extra["verification"] = verification
    logger.info(event.name, extra=extra)


def record_failure(event: Event, error: Exception, *, verification: str | None = None) -> None:
    """Write one log line about an exception: its type and where it was raised.

    Only liveproof's own exceptions promise a text without secrets, URLs and bytes, so only theirs
    is written.
    """
    frames = traceback.extract_tb(error.__traceback__)
    extra: dict[str, Field] = {"error": type(error).__name__}
    if frames:
        extra["at"] = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    if type(error).__module__.startswith("liveproof."):
        extra["detail"] = str(error)
    if verification is not None:
        extra["verification"] = verification
    logger.error(event.name, extra=extra)


def count(metric: Metric) -> None:
    """Add one to a metric; it leaves with the function's log."""
    metrics.add(metric.value, "Count", 1, {})


def measure(measure: Measure, value: float, **dimensions: str) -> None:
    """Add a value to a measure, with each of its dimensions; it leaves with the function's log."""
    metrics.add(measure.value, measure.unit, value, dimensions)


@contextmanager
def observed(function: str, request_id: str) -> Iterator[WideEvent]:
    """One run of a function: a STARTED line, and a COMPLETED one with what the run did and cost.

    Every line has the request id. Metrics are written at the end.
    """
    global _had_a_run
    logger.append_keys(request_id=request_id)
    record(Event.STARTED, function=function)
    event = wide_event.begin()
    event.note(function=function, cold_start=None if _had_a_run else 1)
    _had_a_run = True
    try:
        yield event
    except BaseException:
        event.note(outcome="failed")
        raise
    finally:
        wide_event.end()
        record(Event.COMPLETED, verification=event.verification, **event.fields())
        if event.latency_ms is not None:
            measure(Measure.STEP_LATENCY, event.latency_ms, step=function.rpartition("-")[2])
        metrics.flush()
