"""How many messages wait in the queues."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, ok, warning
from liveproof_cli.doctor.probe import Probe

_MANY = 1_000


def _examine(examination: Examination) -> Iterator[Finding]:
    queues = examination.deployment.queues
    if queues is None:
        return
    depths = {queue.name: queues.depth(queue.url) for queue in queues.all}
    for name, depth in depths.items():
        if depth.waiting >= _MANY:
            yield warning(
                f"{depth.waiting} messages wait in {name}, {depth.in_flight} are being handled",
                "a burst drains at the check's pace (docs/planning.md); else look at the function's"
                " errors and throttles.",
            )
    if all(depth.waiting < _MANY for depth in depths.values()):
        waiting = sum(depth.waiting for depth in depths.values())
        in_flight = sum(depth.in_flight for depth in depths.values())
        yield ok(f"{waiting} messages wait in {len(depths)} queues, {in_flight} are being handled")


PROBE = Probe("queues", "How many messages wait?", _examine, clouds=("aws",))
