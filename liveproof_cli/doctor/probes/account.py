"""Whether the account has room for the runs that the deployment may start at once."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, could_not_ask, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_STEPS = ("verify_upload", "run_check", "deliver_result", "erase")
_LEAST = 100
"""What is left for the API: some hundred requests a second of 0.2 s, with room."""


def _examine(examination: Examination) -> Iterator[Finding]:
    account = examination.deployment.account
    if account is None:
        yield could_not_ask("nothing says how Lambda is asked", "name the deployment by its stage.")
        return
    limit = account.concurrent_executions()
    needed = sum(sum(account.maximum_concurrency(step).values()) for step in _STEPS)
    says = f"the account may run {limit} functions at once, the queues start up to {needed}"
    mend = "ask AWS for more concurrent executions: docs/quotas.md#concurrent-executions."
    if limit < needed:
        yield failed(f"{says}: a burst takes the room of the API", mend)
    elif limit < needed + _LEAST:
        yield warning(f"{says}: little is left for the API", mend)
    else:
        yield ok(says)


PROBE = Probe(
    "account", "Has the account room for what may run at once?", _examine, clouds=("aws",)
)
