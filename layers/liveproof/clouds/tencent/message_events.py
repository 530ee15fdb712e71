"""Events of SCF's other triggers: a step's own message, COS's notifications, the timer.

Sources: SCF trigger documentation (TC 583/9707 for COS, the old 定时触发器 page for timers).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from liveproof.clock import SystemClock
from liveproof.domain.ids import is_verification_id
from liveproof.invocations import Invocation, Message, UnknownMessage
from liveproof.observability import Event, Metric, count, record, record_failure

_CREATED = "cos:ObjectCreated:"

_WORK_MS = 60_000
"""A step that waits for its time inside the function leaves itself this long, or half of what the
function has if that is less. The functions' timeouts have room for it after the longest wait, so
only a step that was asked for by a clock far off is left to the sweep."""


class MessagesFailed(Exception):
    """Some of an event's messages could not be handled; SCF sends the whole event again."""


def each_message(event: Any, invocation: Invocation, handle: Callable[[Message], None]) -> None:
    """Handle each message of an event, also after others have failed.

    Raises:
        MessagesFailed: at the end. SCF repeats what raises; whatever is returned is a success.
    """
    clock = SystemClock()
    work = min(_WORK_MS, (invocation.deadline - clock.now()) // 2)
    handle_each(
        event,
        handle,
        clock.sleep_until,
        bucket=os.environ.get("LIVEPROOF_BUCKET", ""),
        latest=invocation.deadline - work,
    )


def handle_each(
    event: Any,
    handle: Callable[[Message], None],
    sleep_until: Callable[[int], None],
    *,
    bucket: str,
    latest: int,
) -> None:
    """`each_message` with the deployment's bucket, and with times of its own.

    A step that is for later is waited for, but only until `latest`: one that is for later still is
    left to the sweep.

    Args:
        sleep_until: waits until a time (ms).
        bucket: the deployment's, with the APPID; others' notifications are ignored.
        latest: when the handling must begin at the latest (ms since 1970): the function's deadline
            less the time that the step needs.

    Raises:
        MessagesFailed: at the end. SCF repeats what raises; whatever is returned is a success.
    """
    found = _parts(event)
    failed = 0
    for part in found:
        try:
            message, at = _read(part, bucket)
            if at is not None and at > latest:
                record(Event.STEP_SKIPPED, verification=message.verification_id)
                continue
            if at is not None:
                sleep_until(at)
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
        raise MessagesFailed(f"{failed} of {len(found)} messages could not be handled")


def _parts(event: Any) -> list[Any]:
    """A notification's records, each by itself; any other event as a whole."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return records if isinstance(records, list) and records else [event]


def _read(part: Any, bucket: str) -> tuple[Message, int | None]:
    """The message, empty if there is nothing to do, and when it is for (ms)."""
    if not isinstance(part, dict):
        raise UnknownMessage("an event's part is no object")
    if "cos" in part:
        return Message(created_keys=_created_keys(part, bucket)), None
    if part.get("Type") == "Timer":
        return Message(), None
    at = part.get("at")
    if _id_in(part) is None or type(at) not in (int, type(None)):
        raise UnknownMessage("neither a step's message nor a notification of COS or a timer")
    return Message(verification_id=_id_in(part)), at


def _created_keys(notification: dict[str, Any], bucket: str) -> tuple[str, ...]:
    """The key of a new object in the bucket, as the bucket has it.

    COS writes /APPID/NAME/KEY. Whether KEY is percent-encoded there is not documented, so nothing
    is decoded: keys that liveproof makes have only letters, digits and `/_.-`, which stay as they
    are either way, and any other key is not its own.
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
    found = part.get("id") if isinstance(part, dict) else None
    return found if isinstance(found, str) and is_verification_id(found) else None
