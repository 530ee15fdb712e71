"""Logs and metrics: one registered event per line, JSON, ids and codes only.

`record` takes no free text and no bytes: what may be logged is what an event names. Values of
secrets, URLs and uploaded bytes have no parameter to travel in.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(location=None)
metrics = Metrics()


class Event(Enum):
    """Every log line's code with its meaning, for the docs."""

    STARTED = "A function began to handle an event."
    COMPLETED = "A function finished handling an event."
    REQUEST_REFUSED = "An HTTP request was answered with a problem document."
    VERIFICATION_CREATED = "A verification was created and its uploads presigned."
    UPLOADS_RENEWED = "Fresh upload URLs were issued for missing inputs."
    UPLOAD_IGNORED = "A bucket event concerned no input that is still awaited."
    INPUT_PROVEN = "An input's bytes are the declared ones."
    INPUT_REFUSED = "An input's bytes cannot be used."
    UPLOAD_UNREAD = "An upload could not be read just now, or its proof not be saved."
    UPLOAD_REPLACED = "A proven upload was another one before its paid call: no call was made."
    STEP_SKIPPED = "A step had nothing to do: not due, already done, or another worker was first."
    SEQUENCE_CREATED = "A light sequence was fetched for the mobile SDK."
    CALL_POSTPONED = "A paid call waits for its turn, its slot or the vendor."
    CALL_INTENDED = "The right to a paid call was won and recorded."
    CALL_SENT = "A paid call leaves."
    CALL_SETTLED = "A paid call's outcome was recorded."
    CALL_HELD = "A paid call's outcome is unknown and an operator decides."
    EVIDENCE_KEPT = "The best frame was fetched, proven and stored."
    EVIDENCE_MISSING = "The best frame could not be kept."
    VENDOR_UNREACHED = "A free vendor request before the paid call failed."
    VENDOR_THROTTLED = "The vendor refused a request because there were too many; we slow down."
    VENDOR_DOWN = "The vendor fails too often at an API: only probes call it from now on."
    VENDOR_UP = "A probe was answered: an API of the vendor is called again."
    DECIDED = "A verification got its decision."
    DELIVERY_ATTEMPTED = "A webhook was sent."
    DELIVERY_FAULT = (
        "A fault of the deployment's own prevented an attempt; it costs the endpoint none."
    )
    DELIVERY_PUT_OFF = (
        "A delivery waits for its endpoint, which is paused or has as many attempts in flight as"
        " there may be; it costs no attempt."
    )
    ENDPOINT_PAUSED = (
        "A client's endpoint failed for too long, or answered 410: its deliveries wait, and only"
        " probes are sent."
    )
    ENDPOINT_RESUMED = "A paused endpoint accepted a webhook: what waited for it is sent."
    PERMIT_KEPT = (
        "How an attempt went could not be recorded for its endpoint; its permit ends by itself."
    )
    WEBHOOK_TESTED = "A client asked for a test, and one was sent to its endpoint."
    DELIVERY_RESTARTED = "A client asked for its webhook again."
    MESSAGE_FAILED = "A message could not be handled; it comes again."
    MESSAGE_UNKNOWN = (
        "A message or event is none that this deployment's parts send; it comes again."
    )
    BUCKET_CONNECTED = "S3 sent its test message: the bucket's notifications reach the queue."
    PROBE_ARRIVED = "The event of a probe's upload came: `liveproof doctor` tried the trigger."
    SECRET_UNUSABLE = "A secret could not be read, or its document is refused."  # noqa: S105 - an event
    REQUEST_FAILED = "An HTTP request met an error that nobody foresaw."
    STEP_NOT_STARTED = "A step could not be asked for; the sweep asks for it when it is due."
    NEXT_NOT_STARTED = (
        "A run could not start the next one that waits for its turn; another run or the sweep does."
    )
    STEP_STUCK = (
        "A step is asked for again and again, and nothing is saved: it fails, or the record cannot"
        " be read."
    )
    SETTLEMENT_DELAYED = (
        "The outcome of a paid call could not be saved; the write is retried while the function"
        " has time."
    )
    RECORD_LEFT_OUT = "A list left out a verification whose record cannot be read."
    BACK_OFF_FAILED = "The sweep could not put back a verification that it asks for again."
    BACKLOG_UNREAD = (
        "The sweep could not ask a queue for its backlog, and asks for what is overdue again."
    )
    SWEPT = "The sweep asked for the steps that are due."
    HEARTBEAT_LOST = "The sweep could not write down that it ran; nothing else is amiss."


class Metric(str, Enum):
    """The deployment's own metrics, each with its meaning: one is added when that happens.

    The alarms in `infra/` name the same. A value is the metric's name.
    """

    meaning: str

    def __new__(cls, name: str, meaning: str) -> Metric:
        """A metric of this name."""
        metric = str.__new__(cls, name)
        metric._value_ = name
        metric.meaning = meaning
        return metric

    UNKNOWN_VENDOR_CODE = (
        "UnknownVendorCode",
        "The vendor answered with a code that is not in the code table.",
    )
    VENDOR_ALERT = (
        "VendorAlert",
        "The vendor refuses the account or the request, or a file without a reason that a "
        "person can act on.",
    )
    VENDOR_THROTTLED = (
        "VendorThrottled",
        "The vendor refused a request because there were too many, although requests keep to its "
        "quota: others use the same account, or `callsPerSecond` is above the account's quota.",
    )
    VENDOR_DOWN = (
        "VendorDown",
        "The vendor failed at half of an API's requests within a minute: only probes call it until "
        "one is answered.",
    )
    UPLOAD_REPLACED = (
        "UploadReplaced",
        "A proven upload was another one before its paid call; no call was made.",
    )
    CALL_OUTCOME_UNKNOWN = (
        "CallOutcomeUnknown",
        "A paid call was sent and no usable answer came.",
    )
    CALL_HELD = (
        "CallHeld",
        "A verification began to wait for an operator.",
    )
    DELIVERY_EXHAUSTED = (
        "DeliveryExhausted",
        "A delivery ended without the endpoint's 2xx: the schedule is used up, or the endpoint was "
        "paused for two weeks; or faults of the deployment's own prevented it for as long as "
        "records are kept.",
    )
    ENDPOINT_PAUSED = (
        "EndpointPaused",
        "A client's endpoint was paused: the line `ENDPOINT_PAUSED` names the client.",
    )
    UPLOAD_FOUND_LATE = (
        "UploadFoundLate",
        "A verification's time was up, and an upload lay in the bucket of which no event had told.",
    )
    SECRET_UNUSABLE = (
        "SecretUnusable",
        "A secret could not be read, or its document is refused: the line `SECRET_UNUSABLE` "
        "names secret, client and field.",
    )
    MESSAGE_UNKNOWN = (
        "MessageUnknown",
        "A step got a message that nothing of the deployment sends: the line `MESSAGE_UNKNOWN` "
        "says of what kind.",
    )
    DELIVERY_FAULT = (
        "DeliveryFault",
        "A fault of the deployment's own prevented an attempt of a delivery.",
    )
    STEP_NOT_STARTED = (
        "StepNotStarted",
        "A step could not be asked for; the sweep asks for it when it is due.",
    )
    STEP_STUCK = (
        "StepStuck",
        "A step has been asked for in vain for eight minutes or more, or the record cannot be "
        "read.",
    )
    RUNS_EXHAUSTED = (
        "RunsExhausted",
        "A verification ended as `error` because its check could not be brought to an end.",
    )
    DECIDED_PASSED = (
        "DecidedPassed",
        "A verification was decided: `passed`.",
    )
    DECIDED_REJECTED = (
        "DecidedRejected",
        "A verification was decided: `rejected`.",
    )
    DECIDED_RESUBMIT = (
        "DecidedResubmit",
        "A verification was decided: `resubmit`.",
    )
    DECIDED_ERROR = (
        "DecidedError",
        "A verification was decided: `error`.",
    )
    DECIDED_EXPIRED = (
        "DecidedExpired",
        "A verification was decided: `expired`.",
    )


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
