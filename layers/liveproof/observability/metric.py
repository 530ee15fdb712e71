"""The metrics that alarms ring for."""

from __future__ import annotations

from enum import Enum


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
    MANIFEST_DELAYED = (
        "ManifestDelayed",
        "The manifest of a decision could not be signed or stored; the sweep asks for it again.",
    )
    API_FAILED = (
        "ApiFailed",
        "The HTTP API answered a request with 500 or above.",
    )
    OVERDUE = (
        "Overdue",
        "A sweep met a verification that no message waits for, and that has been due for more than "
        "half an hour.",
    )
    QUOTA_EXHAUSTED = (
        "QuotaExhausted",
        "A request found no slot within ten seconds at one of the vendor's limits, and waits.",
    )
    LIMIT_REACHED = (
        "LimitReached",
        "A new verification was refused: too many attempts of a reference or a client, too many "
        "undecided ones, or files that were rejected lately.",
    )
    SPEND_WARNING = (
        "SpendWarning",
        "The money of a day, of a client or of the deployment, has reached the warning level: the "
        "line `SPEND_WARNING` says of whom.",
    )
    SPEND_LIMIT_REACHED = (
        "SpendLimitReached",
        "A new verification was refused: the money of the day is spent or reserved. The line "
        "`LIMIT_REACHED` says of whom.",
    )


class Measure(str, Enum):
    """Numbers with dimensions, for graphs; each pair of dimensions is a metric that is paid for.

    A value is the metric's name.
    """

    meaning: str
    unit: str
    dimensions: tuple[str, ...]

    def __new__(cls, name: str, unit: str, dimensions: tuple[str, ...], meaning: str) -> Measure:
        """A measure of this name."""
        measure = str.__new__(cls, name)
        measure._value_ = name
        measure.unit = unit
        measure.dimensions = dimensions
        measure.meaning = meaning
        return measure

    DECISIONS = (
        "Decisions",
        "Count",
        ("check", "decision"),
        "A verification was decided.",
    )
    BILLED_CALLS = (
        "BilledCalls",
        "Count",
        ("check",),
        "A paid call was settled, and the code table says that the vendor bills it.",
    )
    STEP_LATENCY = (
        "StepLatency",
        "Milliseconds",
        ("step",),
        "From the due time of a step to the end of its run.",
    )
    QUOTA_WAIT = (
        "QuotaWait",
        "Milliseconds",
        ("api",),
        "How far away a slot was when it was taken.",
    )
    QUOTA_USE = (
        "QuotaUse",
        "Percent",
        ("api",),
        "The share of a minute's slots that one slot is: the sum over a minute is the use of the "
        "limit.",
    )
    DELIVERIES = (
        "Deliveries",
        "Count",
        ("client", "outcome"),
        "An attempt of a webhook ended as `accepted`, `failed`, `fault` or `put_off`, or its "
        "delivery as `exhausted`. `client` is `all`, or one of those that the setting "
        "`metricClients` names.",
    )
    OLDEST_DUE = (
        "OldestDue",
        "Seconds",
        (),
        "How long the verification that is due for longest has been due, as a sweep sees it.",
    )
    SPEND = (
        "Spend",
        "Count",
        ("check",),
        "What the calls of a decided verification cost or may have cost, by `prices`. Nothing is "
        "sent while that is 0.",
    )
