"""The paid call of a verification: at most once for a proven input set, and the ledger says so.

    intent     won by a conditional write; the free relay of the bytes follows
    called     written just before the request leaves, in the quota's slot
    settled    written as soon as the answer is there, before anything else is done with it

A function may die between any two lines. After its lease the step runs again and finds in the
ledger how far the call got: not sent, so it is made; answered, so the decision follows; sent and
not settled, so the outcome is unknown and the deployment's policy speaks.
"""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import Status
from liveproof.observability import Event, Metric
from liveproof.ports import Conflict
from liveproof.use_cases.check_run import CheckRun
from liveproof.use_cases.conclude import conclude, verdict_of


def run_check(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """Move a verification whose inputs are proven towards its decision.

    Args:
        deadline: when the function is stopped (ms since 1970).
    """
    verification = dependencies.records.load(verification_id)
    now = dependencies.clock.now()
    checkable = (Status.READY, Status.CHECKING, Status.HELD)
    if verification is None or verification.status not in checkable or not verification.is_due(now):
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        return
    check = dependencies.checks.get(verification.check)
    try:
        if check is None:
            observability.count(Metric.VENDOR_ALERT)
            conclude(dependencies, verification, verdict_of("check_switched_off", now))
        else:
            CheckRun(dependencies, verification, check, deadline).proceed()
    except Conflict:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
