"""The paid call: once for a proven input set, in its slot, and the ledger says so."""

from __future__ import annotations

import itertools

import pytest

from liveproof.domain.states import Status, Step
from liveproof.domain.verification import CallOutcome, CallState, Decision, Verification
from liveproof.ports import SecretUnusable
from liveproof.use_cases import check_run, run_check, slots
from liveproof.use_cases.release_held import NotHeld, held_verifications, release
from liveproof.vendors.errors import NotSent, OutcomeUnknown, RelayFailed, VendorRefused
from tests.support.checks import FRAME, FRAME_MD5, answer
from tests.support.deployment import Deployment

HOUR_MS = 60 * 60 * 1000
PAID = "faceid.DetectReflectLivenessAndCompare.ap-singapore"
FREE = "faceid.CreateUploadUrl.ap-singapore"


def verdict_code(verification: Verification) -> tuple[Decision, str]:
    assert verification.verdict is not None
    return verification.verdict.decision, verification.verdict.reason.code


def test_a_live_person_who_is_the_one_in_the_photo_passes(deployment: Deployment) -> None:
    after = deployment.run_check(deployment.ready())

    assert verdict_code(after) == (Decision.PASSED, "passed")
    assert after.verdict is not None
    assert after.verdict.scores == {"similarity": 96.3}
    assert after.verdict.reason.vendor_code == "Success"
    assert deployment.check.calls == 1
    assert [(one.step, one.id) for one in deployment.steps.asked] == [
        (Step.DELIVER_RESULT, after.id)
    ]


def test_the_ledger_tells_intent_sending_and_outcome(deployment: Deployment) -> None:
    entry = deployment.ready()
    after = deployment.run_check(entry)

    (call,) = after.calls
    assert call.state is CallState.SETTLED
    assert call.outcome is CallOutcome.ANSWERED
    assert (call.action, call.region) == ("DetectReflectLivenessAndCompare", "ap-singapore")
    assert (call.request_id, call.latency_ms, call.billable) == ("request-1", 40, "yes")
    assert call.called_at is not None
    assert call.settled_at is not None
    assert call.intent_at < call.called_at < call.settled_at
    states = [
        one.calls[-1].state
        for one in deployment.records.history
        if one.id == after.id and one.calls
    ]
    assert states == [CallState.INTENT, CallState.CALLED, CallState.SETTLED, CallState.SETTLED]


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
    worker = check_run.CheckRun(
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


# -- outcomes that are no verdict -------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "RequestLimitExceeded",
        "RequestLimitExceeded.UinLimitExceeded",
        "FailedOperation.LivessSystemError",
        "FailedOperation.DownLoadError",
    ],
)
def test_what_costs_nothing_is_repeated_until_it_is_answered(
    deployment: Deployment, code: str
) -> None:
    deployment.check.script = [answer(None, None, error=code), answer(code), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    waiting = deployment.load(entry.id)

    assert waiting.status is Status.CHECKING
    assert waiting.due_at is not None
    assert waiting.due_at > deployment.clock.now()
    assert deployment.steps.asked[-1].at == waiting.due_at
    deployment.settle()
    after = deployment.load(entry.id)
    assert verdict_code(after)[1] == "passed"
    assert [call.outcome for call in after.calls] == [
        CallOutcome.NOT_EXECUTED,
        CallOutcome.NOT_EXECUTED,
        CallOutcome.ANSWERED,
    ]
    assert [call.billable for call in after.calls] == ["no", "no", "yes"]


@pytest.mark.parametrize(
    "code", ["InternalError", "FailedOperation.DownLoadTimeoutError", "ServiceUnavailable"]
)
def test_what_may_have_cost_is_repeated_once_only(deployment: Deployment, code: str) -> None:
    deployment.check.script = [answer(None, None, error=code)]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert deployment.check.calls == 2
    assert verdict_code(after) == (Decision.ERROR, "call_outcome_unknown")
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN] * 2


def test_a_request_that_never_left_is_made_again(deployment: Deployment) -> None:
    deployment.check.script = [NotSent("refused"), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert verdict_code(after)[1] == "passed"
    assert after.calls[0].outcome is CallOutcome.NOT_EXECUTED
    assert after.calls[0].billable == "no"


def test_an_unknown_outcome_is_called_again_exactly_once_and_both_are_recorded(
    deployment: Deployment,
) -> None:
    deployment.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert deployment.check.calls == 2
    assert verdict_code(after)[1] == "passed"
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN, CallOutcome.ANSWERED]
    assert [call.number for call in after.calls] == [1, 2]
    assert after.calls[0].billable == "unknown"


def test_two_unknown_outcomes_are_an_error_and_end_the_calls(deployment: Deployment) -> None:
    deployment.check.script = [OutcomeUnknown("timed out")]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()

    assert deployment.check.calls == 2
    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_with_hold_an_unknown_outcome_waits_for_an_operator(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = holding.run_check(holding.ready())

    assert entry.status is Status.HELD
    assert holding.check.calls == 1
    assert entry.due_at == holding.clock.now() + check_run.HOLD_MS
    assert [one.id for one in held_verifications(holding.records)] == [entry.id]
    holding.clock.advance(5 * 60_000)
    holding.run_check(entry)
    assert holding.check.calls == 1


def test_a_released_verification_is_called_again_once(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = holding.run_check(holding.ready())
    holding.clock.advance(60_000)

    released = release(holding.records, holding.clock, entry.id)
    holding.settle()

    assert released.status is Status.CHECKING
    assert holding.check.calls == 2
    assert verdict_code(holding.load(entry.id))[1] == "passed"
    assert list(held_verifications(holding.records)) == []


def test_a_release_many_hours_after_the_uploads_still_makes_its_call(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = holding.run_check(holding.ready())
    holding.clock.advance(20 * HOUR_MS)

    release(holding.records, holding.clock, entry.id)
    holding.settle()

    assert holding.check.calls == 2
    assert verdict_code(holding.load(entry.id))[1] == "passed"


def test_a_released_call_with_an_unknown_outcome_is_an_error_not_another_hold(
    holding: Deployment,
) -> None:
    holding.check.script = [OutcomeUnknown("timed out")]
    entry = holding.run_check(holding.ready())
    release(holding.records, holding.clock, entry.id)
    holding.settle()

    assert holding.check.calls == 2
    assert verdict_code(holding.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_a_hold_that_nobody_releases_becomes_an_error(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out")]
    entry = holding.run_check(holding.ready())
    holding.clock.advance(check_run.HOLD_MS)
    holding.settle()

    assert holding.check.calls == 1
    assert verdict_code(holding.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_what_is_not_held_cannot_be_released(deployment: Deployment) -> None:
    entry = deployment.ready()

    with pytest.raises(NotHeld, match=entry.id):
        release(deployment.records, deployment.clock, entry.id)
    with pytest.raises(NotHeld):
        release(deployment.records, deployment.clock, "ver_" + "0" * 26)


# -- the quota's slots ------------------------------------------------------------------------


def test_the_call_waits_for_its_slot(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 7_000
    deployment.quota.next_at[PAID] = slot

    deployment.run_check(entry)

    assert deployment.check.called_at == [slot]


def test_a_far_slot_postpones_the_run_to_shortly_before_it(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 90_000
    deployment.quota.next_at[PAID] = slot

    waiting = deployment.run_check(entry)

    assert waiting.call_not_before == slot
    assert waiting.due_at == slot - slots.SLOT_LEAD_MS
    assert deployment.steps.asked[-1].at == waiting.due_at
    assert deployment.check.prepared == 0
    deployment.settle()
    assert deployment.check.called_at == [slot]
    assert deployment.quota.reserved[PAID] == [slot]


def test_a_message_that_comes_while_a_slot_is_waited_for_changes_nothing(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 90_000
    waiting = deployment.run_check(entry)
    deployment.steps.take()

    for _ in range(3):
        deployment.clock.advance(1000)
        assert deployment.run_check(entry) == waiting
    assert deployment.steps.asked == []


def test_a_slot_that_has_passed_is_reserved_again(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 90_000
    deployment.quota.next_at[PAID] = slot
    deployment.run_check(entry)
    deployment.clock.time = slot + 5_000

    deployment.run_check(entry)

    assert len(deployment.quota.reserved[PAID]) == 2
    assert deployment.check.called_at[0] >= deployment.quota.reserved[PAID][-1] > slot


def test_a_burst_drains_at_the_quota_with_every_call_in_a_slot_of_its_own(
    deployment: Deployment,
) -> None:
    for _ in range(60):
        deployment.ready()
        deployment.clock.advance(1)
    for entry in deployment.records.all():
        deployment.run_check(entry)
    deployment.settle()

    assert deployment.check.calls == 60
    taken = deployment.quota.reserved[PAID]
    assert len(set(taken)) == len(taken)
    width = 1000 / deployment.dependencies.settings.reflect_calls_per_second
    sent = sorted(deployment.check.called_at)
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert min(gaps) >= width - 1
    assert {verdict_code(one)[1] for one in deployment.records.all()} == {"passed"}


def test_the_free_requests_before_the_calls_keep_to_their_quota_too(
    deployment: Deployment,
) -> None:
    for _ in range(10):
        deployment.ready()
    for entry in deployment.records.all():
        deployment.run_check(entry)
    deployment.settle()

    per_second = deployment.dependencies.settings.upload_urls_per_second / 2
    taken = deployment.quota.reserved[FREE]
    gaps = [later - earlier for earlier, later in itertools.pairwise(taken)]
    assert len(taken) >= 10
    assert min(gaps) >= 1000 / per_second - 1


def test_files_that_are_gone_from_the_bucket_are_asked_for_again_without_a_call(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.bucket.objects.clear()
    after = deployment.run_check(entry)

    assert verdict_code(after) == (Decision.RESUBMIT, "uploads_gone")
    assert deployment.check.calls == 0


def test_an_hour_of_waiting_for_a_slot_leaves_the_vendor_its_own_hour(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 2 * HOUR_MS
    deployment.run_check(entry)
    deployment.check.prepare_fails = [RelayFailed("no storage")]
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_waiting_longer_than_an_hour_for_a_slot_is_no_fault_of_the_vendor(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 3 * HOUR_MS
    deployment.run_check(entry)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_without_enough_time_for_the_call_it_is_not_sent(deployment: Deployment) -> None:
    entry = deployment.ready()

    after = deployment.run_check(entry, seconds=35)

    assert deployment.check.calls == 0
    assert after.status is Status.CHECKING
    assert after.calls[-1].state is CallState.INTENT
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert deployment.check.calls == 1


# -- the free preparation ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        NotSent("refused"),
        OutcomeUnknown("timed out"),
        RelayFailed("the vendor's storage answered 503 to the upload"),
        VendorRefused("RequestLimitExceeded", "request-9"),
        VendorRefused("InternalError", "request-9"),
    ],
)
def test_a_failed_preparation_costs_nothing_and_is_repeated(
    deployment: Deployment, failure: Exception
) -> None:
    deployment.check.prepare_fails = [failure, failure]  # type: ignore[list-item]
    entry = deployment.ready()
    deployment.run_check(entry)
    waiting = deployment.load(entry.id)

    assert deployment.check.calls == 0
    assert waiting.calls[-1].state is CallState.INTENT
    deployment.settle()
    assert deployment.check.calls == 1
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("UnauthorizedOperation.Arrears", "vendor_account"),
        ("AuthFailure.SignatureFailure", "vendor_account"),
        ("UnsupportedRegion", "vendor_request"),
        ("InvalidParameterValue", "vendor_request"),
        ("FailedOperation.LivessDetectFake", "vendor_request"),
        ("Success", "vendor_answer_incomplete"),
        ("Never.Heard", "vendor_code_unknown"),
    ],
)
def test_a_vendor_that_refuses_the_preparation_never_tells_the_person_to_try_again(
    deployment: Deployment, code: str, reason: str
) -> None:
    deployment.check.prepare_fails = [VendorRefused(code, "request-9")]

    after = deployment.run_check(deployment.ready())

    assert deployment.check.calls == 0
    assert verdict_code(after) == (Decision.ERROR, reason)


def test_a_vendor_that_stays_away_for_an_hour_is_an_error_without_a_call(
    deployment: Deployment,
) -> None:
    deployment.check.prepare_fails = [RelayFailed("away")] * 500
    entry = deployment.ready()
    began = deployment.clock.now()
    deployment.run_check(entry)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "vendor_unavailable")
    assert deployment.check.calls == 0
    assert HOUR_MS < deployment.clock.now() - began < 1.2 * HOUR_MS
    assert deployment.check.prepared < 60


def test_a_vendor_key_that_cannot_be_read_leaves_the_verification_due(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unusable(*_: object) -> None:
        raise SecretUnusable("secret vendor-key: it has no value yet")

    monkeypatch.setattr(deployment.check, "prepare", unusable)
    entry = deployment.ready()
    deadline = deployment.clock.now() + 120_000

    with pytest.raises(SecretUnusable):
        deployment.run_check(entry)

    after = deployment.load(entry.id)
    assert after.due_at == deadline + check_run.LEASE_MARGIN_MS
    assert after.calls[-1].state is CallState.INTENT


def test_a_vendor_key_lost_just_before_sending_is_no_unknown_outcome(
    deployment: Deployment,
) -> None:
    deployment.check.script = [SecretUnusable("secret vendor-key: it has no value yet"), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()

    outcomes = [call.outcome for call in deployment.load(entry.id).calls]
    assert outcomes == [CallOutcome.NOT_EXECUTED, CallOutcome.ANSWERED]


# -- evidence ---------------------------------------------------------------------------------


def test_the_best_frame_of_a_passed_verification_is_kept(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    after = deployment.run_check(deployment.ready())

    key = f"evidence/{after.id}/best_frame.jpg"
    assert after.evidence is not None
    assert [(frame.key, frame.md5) for frame in after.evidence.frames] == [(key, FRAME_MD5)]
    assert after.evidence.frames[0].size == len(FRAME)
    assert deployment.bucket.objects[key] == FRAME


def test_a_frame_that_cannot_be_fetched_costs_the_frame_only(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    deployment.check.frames = [RelayFailed("the downloaded bytes do not have the promised MD5")]
    after = deployment.run_check(deployment.ready())

    assert verdict_code(after)[1] == "passed"
    assert after.evidence is not None
    assert (after.evidence.frames, after.evidence.missing) == ((), "not_fetched")
    assert deployment.check.calls == 1


def test_a_frame_is_fetched_a_second_time_when_the_first_failed(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    deployment.check.frames = [RelayFailed("reset"), FRAME]
    after = deployment.run_check(deployment.ready())

    assert after.evidence is not None
    assert [frame.md5 for frame in after.evidence.frames] == [FRAME_MD5]


def test_a_frame_that_the_vendor_did_not_offer_is_noted_as_such(deployment: Deployment) -> None:
    after = deployment.run_check(deployment.ready())

    assert after.evidence is not None
    assert after.evidence.missing == "not_offered"


def test_nothing_is_kept_of_a_person_who_was_rejected(deployment: Deployment) -> None:
    deployment.check.script = [answer("FailedOperation.LivessDetectFake", 0, frame=True)]
    after = deployment.run_check(deployment.ready())

    assert after.evidence is None
    assert not [key for key in deployment.bucket.objects if key.startswith("evidence/")]
