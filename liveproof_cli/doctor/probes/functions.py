"""Whether every function answers, and may do what its work needs."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof_cli.deployments.functions import FunctionFailed, FunctionsUnknown
from liveproof_cli.doctor.examination import Examination, SelfTestUnknown
from liveproof_cli.doctor.findings import Finding, could_not_ask, failed, ok
from liveproof_cli.doctor.probe import Probe

_TRIALS = {
    "read_store": "read a verification",
    "write_store": "write to the store",
    "list_store": "list verifications",
    "due": "list what is due",
    "endpoints": "read how an endpoint is",
    "upload": "sign an upload that the bucket takes",
    "read_bucket": "read an upload",
    "read_evidence": "read evidence",
    "write_evidence": "write evidence",
    "erase_files": "delete files",
    "start_verify_upload": "start verify_upload",
    "start_run_check": "start run_check",
    "start_deliver_result": "start deliver_result",
    "start_erase": "start erase",
    "backlogs": "see how long queues are",
}
"""What the others try is the subject of other probes."""

_DEPLOY = "deploy again, which restores the roles; then look at the service itself."


def _examine(examination: Examination) -> Iterator[Finding]:
    for name, answer in examination.answers.items():
        if isinstance(answer.error, FunctionsUnknown):
            yield could_not_ask(examination.text(answer.error), "then ask again.")
            return
        if isinstance(answer.error, FunctionFailed):
            yield failed(examination.text(answer.error), "read its log: docs/logs.md.")
        elif isinstance(answer.error, SelfTestUnknown):
            yield failed(examination.text(answer.error), "deploy this version.")
        elif answer.error is not None:
            yield could_not_ask(
                f"{name} cannot be invoked: {examination.text(answer.error)}",
                "your login needs the permission to invoke the functions.",
            )
    amiss = False
    for function, trial in examination.trials(*_TRIALS):
        if trial.failed is not None:
            amiss = True
            says = f"{function} cannot {_TRIALS[trial.name]}: {trial.failed}"
            yield failed(says, _DEPLOY)
    able = [name for name, result in examination.self_tests.items() if result.refused is None]
    if able and not amiss:
        yield ok(f"{', '.join(able)}: each may do what its work needs")


PROBE = Probe("functions", "Does every function answer, and may it do its work?", _examine)
