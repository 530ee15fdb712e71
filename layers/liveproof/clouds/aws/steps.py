"""The Steps port on SQS: one queue per step, delayed where the step is for later."""

from __future__ import annotations

import json
from collections.abc import Mapping

from liveproof.clouds.aws.clients import Clients
from liveproof.domain.states import Step
from liveproof.ports import Clock, Window

_LONGEST_DELAY_SECONDS = 900
"""The largest DelaySeconds of SQS. A step that is due later is left to the sweep."""


class SqsSteps:
    """The deployment's queues."""

    def __init__(self, clients: Clients, queue_urls: Mapping[Step, str], clock: Clock) -> None:
        self._clients = clients
        self._queue_urls = queue_urls
        self._clock = clock

    def lookahead(self, now: int) -> Window | None:
        return None  # A message waits in its queue.

    def request(self, step: Step, verification_id: str, at: int | None = None) -> None:
        delay = 0
        if at is not None:
            # Rounded up: a message that arrives early finds nothing due.
            delay = max(0, -((self._clock.now() - at) // 1000))
        if delay > _LONGEST_DELAY_SECONDS:
            return
        self._clients.sqs.send_message(
            QueueUrl=self._queue_urls[step],
            MessageBody=json.dumps({"id": verification_id}),
            DelaySeconds=delay,
        )
