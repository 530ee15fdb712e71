"""How long verifications wait for a step that should have run."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.clock import now_ms
from liveproof_cli import output
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe
from liveproof_cli.overdue import overdue, unreadable

_WARN_MS = 5 * 60_000
_FAIL_MS = 15 * 60_000
_LISTED = 500


def _examine(examination: Examination) -> Iterator[Finding]:
    now, records = now_ms(), examination.deployment.records
    late = sorted(
        overdue(records, now, _LISTED), key=lambda verification: verification.due_at or now
    )
    broken = unreadable(records, now, _LISTED)
    if broken:
        yield failed(
            f"the records of {len(broken)} unfinished verifications cannot be read, such as"
            f" {broken[0]}",
            "deploy the newer version again: docs/operating.md#stuck-verifications.",
        )
    age = now - (late[0].due_at or now) if late else 0
    if age < _WARN_MS:
        if not broken:
            yield ok(f"no verification waits for longer than {output.duration(_WARN_MS)}")
        return
    worst = late[0]
    says = (
        f"overdue verifications: {len(late)}; {worst.id} ({worst.status.value}) for"
        f" {output.duration(age)}"
    )
    mend = (
        "a burst takes its time (see the probe `queues`); else read the log of its step, mend the"
        " cause, and run `liveproof redrive`."
    )
    yield (failed if age >= _FAIL_MS else warning)(says, mend)


PROBE = Probe("overdue", "Does any verification wait for a step that should have run?", _examine)
