"""Who asks, and whether the store answers."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.clock import now_ms
from liveproof.domain.filter import Filter
from liveproof.use_cases.uploads import NOBODY
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, ok
from liveproof_cli.doctor.probe import Probe


def _examine(examination: Examination) -> Iterator[Finding]:
    deployment = examination.deployment
    deployment.records.load(NOBODY)
    next(deployment.records.due(now_ms(), 1), None)
    deployment.records.recent("doctor", Filter(), 1, None)
    yield ok(f"{deployment.operator()} can read the store in {deployment.region}")


PROBE = Probe("login", "Who asks, and may the login read the store?", _examine)
