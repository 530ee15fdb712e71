"""Whatever a probe raises is an outcome, and no outcome names an address."""

from __future__ import annotations

from http.client import IncompleteRead

import pytest

from tools.demo.user_files import UserFiles
from tools.processes import UsageError
from tools.verify_deployment.__main__ import PROBES, chosen, examine
from tools.verify_deployment.budget import Budget
from tools.verify_deployment.deployment import Answer, Deployment, Refused
from tools.verify_deployment.probe import Context, DidNotHold, NotRun, Probe, Verdict


@pytest.fixture
def context() -> Context:
    deployment = Deployment("https://abc.execute-api.ap-southeast-1.amazonaws.com", "lp_key")
    deployment.__dict__["cloud"] = "aws"
    return Context(deployment, UserFiles(), Budget(0.0, None))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (DidNotHold("HTTP 500"), Verdict.DID_NOT_HOLD),
        (NotRun("it needs IMAGE="), Verdict.NOT_RUN),
        (Refused(Answer(503, {}, b"{}")), Verdict.DID_NOT_HOLD),
        (ConnectionResetError("by peer"), Verdict.DID_NOT_HOLD),
        # Neither is an OSError: the run ended with a traceback and without its report.
        (IncompleteRead(b"", 10), Verdict.DID_NOT_HOLD),
        (KeyError("uploads"), Verdict.DID_NOT_HOLD),
    ],
)
def test_an_exception_of_a_probe_is_its_outcome(
    context: Context, error: Exception, verdict: Verdict
) -> None:
    def run(_: Context) -> str:
        raise error

    assert examine(context, Probe("x", "does", run)).verdict is verdict


@pytest.mark.parametrize(
    "text",
    [
        "GET https://bucket.s3.amazonaws.com/uploads/a?X-Amz-Signature=abc failed",
        "certificate is not valid for 'abc.execute-api.ap-southeast-1.amazonaws.com'",
    ],
)
def test_an_outcome_names_no_address(context: Context, text: str) -> None:
    seen = examine(context, Probe("x", "does", lambda _: text)).seen

    assert "(an address)" in seen
    assert "amazonaws" not in seen
    assert "abc" not in seen


def test_a_probe_of_another_cloud_is_not_run(context: Context) -> None:
    probe = Probe("x", "does", lambda _: "seen", clouds=("tencent",))

    assert examine(context, probe).verdict is Verdict.NOT_RUN


def test_probes_are_chosen_by_name() -> None:
    assert [probe.name for probe in chosen(("photo", "keys"), ())] == ["keys", "photo"]
    assert len(chosen((), ("erase",))) == len(PROBES) - 1
    with pytest.raises(UsageError, match="there is no probe foto; there is keys"):
        chosen(("foto",), ())
