"""Whether the account has room for the runs that the deployment may start at once."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.clouds.tencent.settings import TencentSettings
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, could_not_ask, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_STEPS = ("verify_upload", "run_check", "deliver_result", "erase")
_LEAST = 100
"""What is left for the API: some hundred requests a second of 0.2 s, with room."""

_CALLS = "run_check"


def _examine(examination: Examination) -> Iterator[Finding]:
    of_cloud = _of_lambda if examination.deployment.cloud == "aws" else _of_scf
    yield from of_cloud(examination)


def _of_lambda(examination: Examination) -> Iterator[Finding]:
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


def _of_scf(examination: Examination) -> Iterator[Finding]:
    """SCF counts the memory of what runs; functions without a reservation share the rest."""
    ask, result = examination.deployment.concurrency, examination.self_tests.get(_CALLS)
    if ask is None:
        yield could_not_ask("nothing says how SCF is asked", "write the deployment's file again.")
        return
    if result is None:
        yield from examination.unanswered(_CALLS)
        return
    settings = examination.settings()
    if not result.memory_mb or not isinstance(settings, TencentSettings):
        yield could_not_ask(
            f"{_CALLS} does not say how much memory it has: its code is older",
            "deploy this version.",
        )
        return
    needed = _needed_mb(settings, result.memory_mb)
    concurrency = ask()
    shared = concurrency.limit - concurrency.reserved
    largest = max(needed, key=lambda check: needed[check])
    says = (
        f"the region's functions may have {concurrency.limit} MB at once, of which"
        f" {concurrency.reserved} MB are reserved; a burst of {largest} takes {needed[largest]} MB,"
        f" one of every check {sum(needed.values())} MB"
    )
    mend = "ask Tencent Cloud for more, or reserve less: docs/quotas.md#tencent-cloud."
    if shared < needed[largest]:
        yield failed(f"{says}: such a burst takes the room of the other functions", mend)
    elif shared < sum(needed.values()):
        yield warning(f"{says}: not all fit at once", f"if your clients use every check, {mend}")
    else:
        yield ok(says)


def _needed_mb(settings: TencentSettings, memory_mb: int) -> dict[str, int]:
    """The memory of as many runs as a check has permits, by check that is not switched off."""
    # The adapters of a whole cloud; no other command needs them.
    from liveproof.clouds.tencent.runtime import admission_limits

    limits = admission_limits(settings)
    if not settings.senseid_url:
        del limits["silent"]
    return {check: limit.permits * memory_mb for check, limit in limits.items()}


PROBE = Probe("account", "Has the account room for what may run at once?", _examine)
