"""Whether the vendors answer, and take the key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from liveproof.clock import now_ms
from liveproof.domain.retries import LONGEST_RETRY_MS
from liveproof.domain.verification import WaitingFor
from liveproof.ports import Records, RecordUnreadable
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_NAMES = {"vendor": "Face ID", "iai": "Face Recognition", "senseid": "SenseID"}
_KEY_REFUSED = ("AuthFailure", "UnauthorizedOperation")
_LISTED = 500
"""Unfinished verifications that are looked at, of those that are due first."""


def _examine(examination: Examination) -> Iterator[Finding]:
    for check, count in _waiting(examination.deployment.records, now_ms()).items():
        yield warning(
            f"verifications of {check} that wait for the vendor: {count}",
            "they go on by themselves: docs/pace.md#when-the-vendor-is-down.",
        )
    tried = [trial for _, trial in examination.trials(*_NAMES)]
    yield from examination.unanswered("run_check") if not tried else ()
    for trial in tried:
        if trial.failed is None:
            continue
        says = f"{_NAMES[trial.name]}: {trial.failed}"
        if "RequestLimitExceeded" in trial.failed:
            yield warning(says, "others use the account: docs/pace.md.")
        elif any(code in trial.failed for code in _KEY_REFUSED):
            yield failed(
                says,
                "make a key at the vendor with the policy of the deployment page, and put it into"
                " the secret vendor-key.",
            )
        elif "refuses" in trial.failed:
            yield failed(says, "look the code up with `liveproof explain CODE`.")
        else:
            yield failed(says, "verifications wait; look at the network and the vendor's status.")
    if tried and all(trial.failed is None for trial in tried):
        yield ok("the vendors answer, and take the key")


def _waiting(records: Records, now: int) -> Counter[str]:
    """How many verifications of each check wait because the vendor fails or is down."""
    waiting: Counter[str] = Counter()
    for due in records.due(now + LONGEST_RETRY_MS, _LISTED):
        try:
            verification = records.load(due.id)
        except RecordUnreadable:
            continue  # the probe `overdue` names it
        if verification is not None and verification.waiting_for is WaitingFor.VENDOR:
            waiting[verification.check] += 1
    return waiting


PROBE = Probe("vendor", "Do the vendors answer, and do they take the key?", _examine)
