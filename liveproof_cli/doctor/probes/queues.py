"""How many messages wait in the queues, and for how long the oldest does.

On Tencent Cloud there is a queue for each check, in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from liveproof.clock import now_ms
from liveproof.ports import Records, RecordUnreadable
from liveproof_cli import output
from liveproof_cli.deployments.check_queues import CheckQueue
from liveproof_cli.deployments.queues import Depth, Queues
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, could_not_ask, ok, warning
from liveproof_cli.doctor.probe import Probe

_MANY = 1_000
_OLD_SECONDS = 1_800
_DRAINS = "a burst drains at the check's pace (docs/planning.md)"
_MEND = f"{_DRAINS}; else look at the function's errors and throttles."
_MEND_PERMITS = f"{_DRAINS}; else look at the log of run_check, and at `usual_run_seconds`."


def old_seconds(queue: str) -> int:
    """The age of a message from which it is a finding: that of the queue's alarm.

    Args:
        queue: its name in the stack, such as `CheckReflect`.
    """
    return 600 if queue == "Uploads" else _OLD_SECONDS


def _examine(examination: Examination) -> Iterator[Finding]:
    deployment = examination.deployment
    if deployment.queues is not None:
        yield from _of_sqs(examination, deployment.queues)
    if deployment.check_queues is not None:
        yield from _of_checks(deployment.check_queues(), deployment.records)


def _of_sqs(examination: Examination, queues: Queues) -> Iterator[Finding]:
    depths = {queue.name: queues.depth(queue.url) for queue in queues.all}
    ages: Mapping[str, int] | None = None
    try:
        ages = queues.oldest_seconds()
    except Exception as error:  # noqa: BLE001 - the depths are worth saying without the ages
        yield could_not_ask(
            f"CloudWatch does not say how old the messages are: {examination.text(error)}",
            "your login needs cloudwatch:GetMetricData.",
        )
    amiss = False
    for name, depth in depths.items():
        age = (ages or {}).get(name, 0)
        if depth.waiting >= _MANY or age >= old_seconds(name):
            amiss = True
            says = f"{depth.waiting} messages wait in {name}, {depth.in_flight} are being handled"
            yield warning(f"{says}{_sent_ago(age)}", _MEND)
    if not amiss:
        waiting = sum(depth.waiting for depth in depths.values())
        in_flight = sum(depth.in_flight for depth in depths.values())
        says = f"{waiting} messages wait in {len(depths)} queues, {in_flight} are being handled"
        yield ok(f"{says}{_oldest_of(ages, depths.values())}")


def _oldest_of(ages: Mapping[str, int] | None, depths: Iterable[Depth]) -> str:
    if ages:
        return _sent_ago(max(ages.values()))
    has_messages = any(depth.waiting + depth.in_flight + depth.delayed for depth in depths)
    if ages is None or not has_messages:
        return ""
    return (
        "; CloudWatch has no age of them yet: it begins up to a quarter of an hour late for a queue"
        " that was idle, and a local AWS has none"
    )


def _sent_ago(age_seconds: int) -> str:
    return f"; the oldest was sent {output.duration(age_seconds * 1000)} ago" if age_seconds else ""


def _of_checks(queues: list[CheckQueue], records: Records) -> Iterator[Finding]:
    waits_ms = {queue.check: _waits_ms(queue, records, now_ms()) for queue in queues}
    amiss = False
    for queue in queues:
        if queue.waiting >= _MANY or waits_ms[queue.check] >= _OLD_SECONDS * 1000:
            amiss = True
            yield warning(
                f"{queue.waiting} verifications wait for a permit of {queue.check}, the oldest for"
                f" {output.duration(waits_ms[queue.check])}; {queue.working} have one",
                _MEND_PERMITS,
            )
    if not amiss:
        waiting = sum(queue.waiting for queue in queues)
        working = sum(queue.working for queue in queues)
        oldest = f", the oldest for {output.duration(max(waits_ms.values()))}" if waiting else ""
        yield ok(
            f"{waiting} verifications wait for a permit of their check{oldest}; {working} have one"
        )


def _waits_ms(queue: CheckQueue, records: Records, now: int) -> int:
    """How long the oldest one has been due; 0 where its record does not say."""
    try:
        oldest = None if queue.oldest is None else records.load(queue.oldest)
    except RecordUnreadable:
        return 0  # the probe `overdue` names it
    due_at = None if oldest is None else oldest.due_at
    return 0 if due_at is None else max(0, now - due_at)


PROBE = Probe("queues", "How many messages wait, and for how long?", _examine)
