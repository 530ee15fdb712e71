"""The paid call: once for a proven input set, in its slot, and the ledger says so."""

from __future__ import annotations

import msgspec
import pytest

from liveproof import facts
from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Decision, Verification
from liveproof.facts import code_table
from liveproof.use_cases import paid_call, run_check
from liveproof.vendors.errors import NotSent, OutcomeUnknown
from tests.support.checks import answer
from tests.support.deployment import Deployment, verdict_code


def test_a_live_person_who_is_the_one_in_the_photo_passes(deployment: Deployment) -> None:
    after = deployment.run_check(deployment.ready())

    assert verdict_code(after) == (Decision.PASSED, "passed")
    assert after.verdict is not None
    assert after.verdict.scores == {"similarity": 96.3}
    assert after.verdict.reason.vendor_code == "Success"
    assert deployment.check.calls == 1
    assert [(one.step, one.id) for one in deployment.steps.requests] == [
        (Step.DELIVER_RESULT, after.id)
    ]


def test_the_ledger_tells_intent_sending_and_outcome(deployment: Deployment) -> None:
    entry = deployment.ready()
    after = deployment.run_check(entry)

    (call,) = after.calls
    assert call.state is CallState.SETTLED
    assert call.outcome is CallOutcome.ANSWERED
    assert (call.action, call.region) == ("DetectReflectLivenessAndCompare", "ap-singapore")
    assert (call.version, call.face_model) == ("2018-03-01", None)
    assert call.codes_date == code_table("faceid").date
    assert (call.request_id, call.latency_ms, call.billable) == ("request-1", 40, "yes")
    assert call.called_at is not None
    assert call.settled_at is not None
    assert call.intent_at < call.called_at < call.settled_at
    assert states_of_call(deployment, after) == [
        (CallState.INTENT, False),
        (CallState.CALLED, False),
        (CallState.SETTLED, True),
    ]


def states_of_call(deployment: Deployment, entry: Verification) -> list[tuple[CallState, bool]]:
    """The last call's state in each stored version, and whether that version is decided."""
    return [
        (one.calls[-1].state, one.verdict is not None)
        for one in deployment.records.history
        if one.id == entry.id and one.calls
    ]


def test_an_answer_with_frames_is_settled_before_they_are_fetched(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]

    after = deployment.run_check(deployment.ready())

    assert states_of_call(deployment, after)[2:] == [
        (CallState.SETTLED, False),
        (CallState.SETTLED, True),
    ]


def test_a_rejection_is_settled_and_decided_in_one_write(deployment: Deployment) -> None:
    deployment.check.script = [answer(similarity=10, frame=True)]

    after = deployment.run_check(deployment.ready())

    assert verdict_code(after) == ("rejected", "score_below_threshold")
    assert states_of_call(deployment, after)[2:] == [(CallState.SETTLED, True)]


def test_without_the_table_that_reads_the_answer_nothing_is_paid_for(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A package without the tables made the call, could not read the answer, and called again.
    entry = deployment.ready()
    code_table.cache_clear()
    with monkeypatch.context() as package:
        package.setattr(facts, "_DATA", facts._DATA / "nothing")
        with pytest.raises(FileNotFoundError):
            deployment.run_check(entry)
    assert deployment.check.calls == 0

    assert verdict_code(deployment.run_check(entry)) == (Decision.PASSED, "passed")
    assert deployment.check.calls == 1


@pytest.mark.parametrize("met", [NotSent("away"), OutcomeUnknown("lost")])
def test_a_call_without_an_answer_was_judged_by_no_table(
    deployment: Deployment, met: Exception
) -> None:
    deployment.check.script = [met]
    after = deployment.run_check(deployment.ready())

    assert after.calls[-1].state is CallState.SETTLED
    assert after.calls[-1].codes_date is None


def test_a_call_that_was_recorded_before_the_ledger_said_more_is_still_read() -> None:
    old = (
        b'{"number":1,"action":"LivenessCompare","region":"ap-singapore","state":"settled",'
        b'"intent_at":1,"outcome":"answered","code":"Success","score":99.0}'
    )
    call = msgspec.json.decode(old, type=Call)

    assert call.region == "ap-singapore"
    assert (call.version, call.face_model, call.codes_date) == (None, None, None)


def test_sending_is_recorded_before_the_request_leaves(deployment: Deployment) -> None:
    entry = deployment.ready()
    seen: list[CallState] = []

    def look() -> None:
        seen.extend(call.state for call in deployment.load(entry.id).calls)

    deployment.check.during_call = look
    deployment.run_check(entry)

    assert seen == [CallState.CALLED]


@pytest.mark.parametrize(
    ("code", "similarity", "decision", "reason"),
    [
        ("Success", 70.0, Decision.PASSED, "passed"),
        ("Success", 69.99, Decision.REJECTED, "score_below_threshold"),
        ("Success", None, Decision.ERROR, "vendor_answer_incomplete"),
        ("Success", "96.3", Decision.ERROR, "vendor_answer_incomplete"),
        ("Success", True, Decision.ERROR, "vendor_answer_incomplete"),
        ("Success", 963, Decision.ERROR, "vendor_answer_incomplete"),
        ("Success", float("nan"), Decision.ERROR, "vendor_answer_incomplete"),
        (None, 96.3, Decision.ERROR, "vendor_answer_incomplete"),
        ("", 96.3, Decision.ERROR, "vendor_answer_incomplete"),
        ("success", 96.3, Decision.ERROR, "vendor_code_unknown"),
        ("FailedOperation.NotInAnyList", 96.3, Decision.ERROR, "vendor_code_unknown"),
        ("FailedOperation.LivessDetectFake", 0, Decision.REJECTED, "spoof_suspected"),
        ("FailedOperation.CompareLowSimilarity", 31.2, Decision.REJECTED, "other_person"),
        ("InternalError.CompareLowSimilarity", 31.2, Decision.REJECTED, "other_person"),
        ("FailedOperation.ActionLightDark", 0, Decision.RESUBMIT, "too_dark"),
        ("UnauthorizedOperation.Arrears", None, Decision.ERROR, "vendor_account"),
    ],
)
def test_only_success_with_a_sufficient_score_passes(
    deployment: Deployment,
    code: str | None,
    similarity: object,
    decision: Decision,
    reason: str,
) -> None:
    deployment.check.script = [answer(code, similarity)]

    after = deployment.run_check(deployment.ready())

    assert verdict_code(after) == (decision, reason)


@pytest.mark.parametrize(
    "code", ["FailedOperation.LivessDetectFake", "InternalError.CompareLowSimilarity", "Other.Code"]
)
def test_both_channels_of_the_vendor_mean_the_same(deployment: Deployment, code: str) -> None:
    deployment.check.script = [answer(code), answer(None, None, error=code)]

    as_result = deployment.run_check(deployment.ready())
    deployment.clock.advance(1000)
    as_error = deployment.run_check(deployment.ready())

    assert verdict_code(as_result) == verdict_code(as_error)
    assert as_error.calls[0].code == code


def test_an_error_that_says_success_does_not_pass(deployment: Deployment) -> None:
    deployment.check.script = [answer(None, None, error="Success")]

    assert verdict_code(deployment.run_check(deployment.ready()))[0] is Decision.ERROR


def test_the_clients_threshold_decides(deployment: Deployment) -> None:
    deployment.check.script = [answer("Success", 90.0)]

    assert verdict_code(deployment.run_check(deployment.ready(threshold=90.0)))[1] == "passed"
    deployment.clock.advance(1000)
    strict = deployment.run_check(deployment.ready(threshold=90.1))
    assert verdict_code(strict) == (Decision.REJECTED, "score_below_threshold")
    assert strict.verdict is not None
    assert strict.verdict.scores == {"similarity": 90.0}


def test_a_copy_of_the_message_makes_no_second_call(deployment: Deployment) -> None:
    entry = deployment.ready()
    for _ in range(4):
        deployment.run_check(entry)

    assert deployment.check.calls == 1


def test_a_copy_that_comes_during_the_call_makes_no_second_call(deployment: Deployment) -> None:
    entry = deployment.ready()
    deployment.check.during_call = lambda: run_check.run_check(
        deployment.dependencies, entry.id, deployment.clock.now() + 120_000
    )
    deployment.run_check(entry)

    assert deployment.check.calls == 1
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_two_workers_who_loaded_the_same_version_make_one_call(deployment: Deployment) -> None:
    entry = deployment.ready()
    worker = paid_call.PaidCall(
        deployment.dependencies, entry, deployment.check, deployment.clock.now() + 120_000
    )
    deployment.run_check(entry)
    calls = deployment.check.calls

    with pytest.raises(Exception, match=entry.id):
        worker.proceed()

    assert deployment.check.calls == calls == 1


def test_a_verification_that_awaits_uploads_is_not_checked(deployment: Deployment) -> None:
    after = deployment.run_check(deployment.create())

    assert after.status is Status.AWAITING_UPLOAD
    assert deployment.check.prepared == 0


def test_a_missing_verification_is_skipped(deployment: Deployment) -> None:
    run_check.run_check(deployment.dependencies, "ver_" + "0" * 26, deployment.clock.now() + 1000)

    assert deployment.check.prepared == 0
