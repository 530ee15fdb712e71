"""Whether the sweep runs."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.clock import now_ms
from liveproof.heartbeats import SWEEP
from liveproof_cli import output
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok
from liveproof_cli.doctor.probe import Probe

_LONGEST_MS = 5 * 60_000
"""As the alarm SweepStopped has it. The sweep runs every minute on AWS, every 20 seconds on Tencent
Cloud."""
_MENDS = {
    "aws": "look at the schedule in EventBridge Scheduler and at the log of sweep; deploying again"
    " restores the schedule.",
    "tencent": "look at the timer trigger and at the log of sweep; terraform apply restores it.",
}


def _examine(examination: Examination) -> Iterator[Finding]:
    beat = examination.deployment.heartbeats.last(SWEEP)
    mend = _MENDS[examination.deployment.cloud]
    if beat is None:
        yield failed("the sweep has not run yet; after a first deployment wait two minutes", mend)
        return
    age = max(0, now_ms() - beat.at)
    if age > _LONGEST_MS:
        says = f"the sweep ran last {output.duration(age)} ago: nothing expires meanwhile"
        yield failed(says, mend)
    else:
        yield ok(f"the sweep ran {output.duration(age)} ago")


PROBE = Probe("schedule", "Does the sweep run?", _examine)
