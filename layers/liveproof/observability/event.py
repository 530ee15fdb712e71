"""The events that log lines are about."""

from __future__ import annotations

from enum import Enum


class Event(Enum):
    """Every log line's code with its meaning, for the docs."""

    STARTED = "A function began to handle an event."
    COMPLETED = "A function finished handling an event."
    REQUEST_REFUSED = "An HTTP request was answered with a problem document."
    VERIFICATION_CREATED = "A verification was created and its uploads presigned."
    UPLOADS_RENEWED = "Fresh upload URLs were issued for missing inputs."
    UPLOAD_IGNORED = "A bucket event concerned no input that is still awaited."
    SIGNAL_COUNTED = "A bucket event showed what no honest app does; the record keeps the signal."
    INPUT_PROVEN = "An input's bytes are the declared ones."
    INPUT_REFUSED = "An input's bytes cannot be used."
    UPLOAD_UNREAD = "An upload could not be read just now, or its proof not be saved."
    UPLOAD_REPLACED = "A proven upload was another one before its paid call: no call was made."
    STEP_SKIPPED = "A step had nothing to do: not due, already done, or another worker was first."
    SEQUENCE_CREATED = "A light sequence was fetched for the mobile SDK."
    CALL_POSTPONED = "A paid call waits for its turn, its slot or the vendor."
    CALL_INTENDED = "The right to a paid call was won and recorded."
    CALL_SENT = "A paid call is in the ledger, and leaves in its slot."
    CALL_SETTLED = "A paid call's outcome was recorded."
    CALL_HELD = "A paid call's outcome is unknown and an operator decides."
    EVIDENCE_KEPT = "The best frame was fetched, proven and stored."
    EVIDENCE_MISSING = "The best frame could not be kept."
    MANIFEST_SIGNED = "The signed manifest of a decision was stored."
    EVIDENCE_READ = "A client got URLs of a verification's evidence."
    MANIFEST_DELAYED = (
        "The manifest of a decision could not be signed or stored; it is tried again."
    )
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
    PROBE_KEPT = (
        "The right to try a vendor that is down was not used, and could not be given back; it ends"
        " by itself."
    )
    WEBHOOK_TESTED = "A client asked for a test, and one was sent to its endpoint."
    DELIVERY_RESTARTED = "A client asked for its webhook again."
    ERASURE_REQUESTED = "A verification's personal fields were erased; its files follow."
    ERASED = "A verification's files were deleted, or the bucket was looked at again."
    UPLOAD_AFTER_ERASURE = "A file came although its verification is erased: it is deleted, too."
    MESSAGE_FAILED = "A message could not be handled; it comes again."
    MESSAGE_UNKNOWN = (
        "A message or event is none that this deployment's parts send; it comes again."
    )
    BUCKET_CONNECTED = "S3 sent its test message: the bucket's notifications reach the queue."
    PROBE_ARRIVED = "The event of a probe's upload came: `liveproof doctor` tried the trigger."
    SECRET_UNUSABLE = "A secret could not be read, or its document is refused."  # noqa: S105 - an event
    SECRET_NOT_REFRESHED = (
        "A secret could not be read again after a refusal; the cached one is used."  # noqa: S105
    )
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
    TRACE_LOST = "A run's spans could not be sent to the collector; nothing else is amiss."
    SWEPT = "The sweep asked for the steps that are due."
    HEARTBEAT_LOST = "The sweep could not write down that it ran; nothing else is amiss."
    LIMIT_REACHED = (
        "A new verification was refused: a limit of its reference, its client or the deployment is"
        " reached. Nothing was created."
    )
    FILES_REFUSED = "A new verification was refused: the same files were rejected lately."
    SPEND_WARNING = (
        "What is spent or reserved of a day has reached the warning level, of a client or of the"
        " whole deployment."
    )
    RESERVATION_KEPT = (
        "What a decided verification held of the limits could not be given back; it ends with its"
        " day."
    )
