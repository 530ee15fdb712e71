"""Events of SCF's other triggers: a step's own message, COS's notifications, the timer.

Sources: SCF trigger documentation (TC 583/9707 for COS, the old 定时触发器 page for timers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from liveproof.domain.ids import is_verification_id
from liveproof.invocations import Invocation, Message, UnknownMessage
from liveproof.observability import (
    Event,
    Metric,
    count,
    record,
    record_failure,
    trace_context,
    wide_event,
)
from liveproof.ports import Clock

_CREATED = "cos:ObjectCreated:"

_WORK_MS = 60_000
"""What a step that waits inside its function keeps of the function's time for its work, or half of
the time if that is less. The functions' timeouts have room for it after the longest regular wait.
So only a step that was requested by a clock far off is left to the sweep."""


class MessagesFailed(Exception):
    """Some of an event's messages could not be handled; SCF sends the whole event again."""


def handle_messages(
    event: Any,
    invocation: Invocation,
    handle: Callable[[Message], None],
    *,
    clock: Clock,
    bucket: str,
) -> None:
    """Handle each message of an event, also after others have failed.

    A step that is due later is waited for if the function's deadline leaves enough time for its
    work afterwards; otherwise it is left to the sweep.

    Args:
        bucket: the deployment's, with the APPID; notifications of other buckets are ignored.

    Raises:
        MessagesFailed: at the end. SCF retries a run that raises; any return value is a success.
    """
    latest_start = invocation.deadline - min(_WORK_MS, (invocation.deadline - clock.now()) // 2)
    parts = _parts(event)
    failed = 0
    for part in parts:
        try:
            message, at = _read(part, bucket)
            if at is not None and at > latest_start:
                record(Event.STEP_SKIPPED, verification=message.verification_id)
                continue
            if at is not None:
                clock.sleep_until(at)
            if message != Message():
                handle(message)
        except UnknownMessage as unknown:
            failed += 1
            record_failure(Event.MESSAGE_UNKNOWN, unknown)
            count(Metric.MESSAGE_UNKNOWN)
        except Exception as error:  # noqa: BLE001 - recorded, and raised for all at the end
            failed += 1
            record_failure(Event.MESSAGE_FAILED, error, verification=_id_in(part))
    if failed:
        wide_event.current().add("failed_messages", failed)
        raise MessagesFailed(f"{failed} of {len(parts)} messages could not be handled")


def _parts(event: Any) -> list[Any]:
    """The records of a notification; any other event is one part."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return records if isinstance(records, list) and records else [event]


def _read(part: Any, bucket: str) -> tuple[Message, int | None]:
    """The message, empty if there is nothing to do, and the time (ms) at which its step is due."""
    if not isinstance(part, dict):
        raise UnknownMessage("an event's part is no object")
    if "cos" in part:
        return Message(created_keys=_created_keys(part, bucket)), None
    if part.get("Type") == "Timer":
        return Message(), None
    at = part.get("at")
    if _id_in(part) is None or type(at) not in (int, type(None)):
        raise UnknownMessage("neither a step's message nor a notification of COS or a timer")
    traceparent = part.get(trace_context.FIELD)
    named = traceparent if isinstance(traceparent, str) else None
    return Message(verification_id=_id_in(part), traceparent=named), at


def _created_keys(notification: dict[str, Any], bucket: str) -> tuple[str, ...]:
    """The key of a new object in the bucket.

    COS writes /APPID/NAME/KEY. Whether KEY is percent-encoded there is not documented, so nothing
    is decoded. Keys that liveproof makes have only letters, digits and `/_.-`, which are the same
    in both forms; any other key is not its own.
    """
    try:
        created = notification["event"]["eventName"].startswith(_CREATED)
        source = notification["cos"]["cosBucket"]
        name, appid = str(source["name"]), str(source["appid"])
        key = notification["cos"]["cosObject"]["key"]
    except (KeyError, TypeError, AttributeError):
        raise UnknownMessage(
            "a notification of COS lacks its event's name, bucket or key"
        ) from None
    if f"{name}-{appid}" != bucket or not created:
        record(Event.UPLOAD_IGNORED)
        return ()
    prefix = f"/{appid}/{name}/"
    if not isinstance(key, str) or not key.startswith(prefix):
        raise UnknownMessage("a notification's key does not begin with its bucket")
    return (key[len(prefix) :],)


def _id_in(part: Any) -> str | None:
    value = part.get("id") if isinstance(part, dict) else None
    return value if isinstance(value, str) and is_verification_id(value) else None
