"""Whether messages have used up their attempts."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok
from liveproof_cli.doctor.probe import Probe


def _examine(examination: Examination) -> Iterator[Finding]:
    queues = examination.deployment.queues
    if queues is None:
        return
    empty = True
    for queue in queues.all:
        depth = queues.depth(queue.dead_letters_url)
        count = depth.waiting + depth.in_flight
        if count:
            empty = False
            yield failed(
                f"{count} messages of {queue.name} failed five times",
                "find the cause in the function's log, mend it, and run `liveproof redrive`.",
            )
    if empty:
        yield ok(f"the dead-letter queues of {len(queues.all)} queues are empty")


PROBE = Probe("dead-letters", "Has any message used up its attempts?", _examine, clouds=("aws",))
