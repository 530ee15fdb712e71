"""The table of docs/quotas.md with the functions that may run at once, by event source."""

from __future__ import annotations

from liveproof import facts
from liveproof.domain.concurrency import runs_at_once
from tools.docs.settings import params, written_params

_OTHERS = {
    "verify_upload": "uploadsConcurrency",
    "deliver_result": "deliveriesConcurrency",
    "erase": "erasuresConcurrency",
}


def runs_per_second(check: str) -> tuple[float, str]:
    """A check's pace, and what limits it, as infra/aws/checks.js computes it."""
    check_facts = facts.checks()[check]
    calls = check_facts.default_calls_per_second
    if check_facts.usual_run_seconds.relay == 0:
        return calls, "calls a second"
    relays = float(params()["uploadUrlsPerSecond"][1]) / len(check_facts.inputs)
    return min((calls, "calls a second"), (relays, "relays a second (`uploadUrlsPerSecond`)"))


def of_check(check: str) -> int:
    """How many runs at once use a check's whole pace."""
    run = facts.checks()[check].usual_run_seconds
    seconds = run.relay + run.wait + run.call
    return min(1000, runs_at_once(runs_per_second(check)[0], seconds))


def of_others() -> dict[str, tuple[str, int]]:
    """The other event sources: function to param and default."""
    written = written_params()
    return {function: (param, int(written[param][1])) for function, param in _OTHERS.items()}


def together() -> int:
    """The most functions that all queues can occupy."""
    checks = sum(of_check(check) for check in facts.checks())
    return checks + sum(at_once for _, at_once in of_others().values())


def table() -> str:
    """A Markdown table with its sum."""
    rows = ["| queue of | at once | from | param |", "|---|---:|---|---|"]
    for check, check_facts in facts.checks().items():
        run = check_facts.usual_run_seconds
        parts = " + ".join(f"{part:g}" for part in (run.relay, run.wait, run.call))
        pace, what = runs_per_second(check)
        source = f"{pace:g} {what}, {parts} s a run"
        rows.append(
            f"| `run_check`, `{check}` | {of_check(check)} | {source} | `checkConcurrency` |"
        )
    for function, (param, at_once) in of_others().items():
        rows.append(f"| `{function}` | {at_once} | the default | `{param}` |")
    return "\n".join([*rows, f"| **together** | **{together()}** | | |"])
