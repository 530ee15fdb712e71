"""The Steps port on SQS: one queue per step, and of `run_check` one per check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from liveproof.clouds.aws.clients import Clients
from liveproof.domain.states import Step
from liveproof.observability import wide_event
from liveproof.ports import Clock, Window

_LONGEST_DELAY_SECONDS = 900
"""The largest DelaySeconds of SQS. A step that is due later is left to the sweep."""

BACKLOG = 10
"""So many messages that nobody has received yet are a backlog. Fewer may have been sent just now:
at a pace of one a second they start within the sweep's ten seconds of grace."""


class SqsSteps:
    """The deployment's queues.

    Each check has a queue of its own, because it has a pace of its own. A message belongs to the
    group of its client: SQS delivers messages of groups that use little of the consumers' time
    before those of a group that uses much (fair queues).

    Args:
        checks: the queues of `run_check` by check.
    """

    def __init__(
        self,
        clients: Clients,
        clock: Clock,
        *,
        uploads: str,
        checks: Mapping[str, str],
        deliveries: str,
        erasures: str,
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._checks = checks
        self._queues = {
            Step.VERIFY_UPLOAD: uploads,
            Step.DELIVER_RESULT: deliveries,
            Step.ERASE: erasures,
        }

    def lookahead(self, now: int) -> Window | None:
        return None  # A message waits in its queue.

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        delay = delay_seconds(self._clock.now(), at)
        if delay is None:
            return
        carried = wide_event.current().carried(verification_id)
        message: dict[str, Any] = {
            "QueueUrl": self._queue(step, check),
            "MessageBody": json.dumps({"id": verification_id, **carried}),
            "DelaySeconds": delay,
        }
        if client is not None:
            message["MessageGroupId"] = group_of(client)
        self._clients.sqs.call("SendMessage", **message)

    def has_backlog(self, step: Step, check: str | None) -> bool:
        answer = self._clients.sqs.call(
            "GetQueueAttributes",
            QueueUrl=self._queue(step, check),
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"]) >= BACKLOG

    def _queue(self, step: Step, check: str | None) -> str:
        if step is not Step.RUN_CHECK:
            return self._queues[step]
        # Every queue's consumer runs every check, so one that is unknown runs too.
        anyone = next(iter(self._checks.values()))
        return anyone if check is None else self._checks.get(check, anyone)


def delay_seconds(now: int, at: int | None) -> int | None:
    """The DelaySeconds of a message for `at` (ms; None: at once); None if SQS cannot delay so long.

    Rounded up: a message that arrives early finds nothing due.
    """
    delay = 0 if at is None else max(0, -((now - at) // 1000))
    return delay if delay <= _LONGEST_DELAY_SECONDS else None


def group_of(client: str) -> str:
    """The MessageGroupId of a client: 64 hex digits.

    SQS takes 128 letters, digits and punctuation marks; a client's name may have any character.
    """
    return hashlib.sha256(client.encode()).hexdigest()
