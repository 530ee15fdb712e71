"""Logs and metrics: one registered event per line, JSON, ids and codes only.

`record` takes no free text and no bytes: what may be logged is what an event names. Values of
secrets, URLs and uploaded bytes have no parameter to travel in.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from liveproof.observability.event import Event
from liveproof.observability.metric import Metric

__all__ = ["Event", "Metric", "count", "logger", "metrics", "observed", "record", "record_failure"]

logger = Logger(location=None)
metrics = Metrics()


Field = str | int | float | None


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
    metrics.add_metric(name=metric.value, unit=MetricUnit.Count, value=1)


@contextmanager
def observed(function: str, request_id: str) -> Iterator[None]:
    """One run of a function: STARTED and COMPLETED lines, request id on each, metrics flushed."""
    logger.append_keys(request_id=request_id)
    record(Event.STARTED, function=function)
    try:
        yield
    finally:
        record(Event.COMPLETED, function=function)
        if metrics.metric_set:
            metrics.flush_metrics()
