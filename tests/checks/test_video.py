"""The video check: every outcome of its three APIs, read as it is meant."""

from __future__ import annotations

import pytest

from liveproof.domain.ledger import CallOutcome
from liveproof.vendors.errors import OutcomeUnknown
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from liveproof_emulator.catalogue import Catalogue
from tests.support.checks import read_by
from tests.support.video import APIS, answer, check_by

ANSWERED = {
    "pass": "passed",
    "low-score": "score_below_threshold",
    "missing-score": "vendor_answer_incomplete",
    "missing-result": "vendor_answer_incomplete",
    "unknown-code": "vendor_code_unknown",
    "unknown-error": "vendor_code_unknown",
    "other-person": "other_person",
    "spoof": "spoof_suspected",
    "spoof-as-error": "spoof_suspected",
    "screen-replay": "spoof_suspected",
    "not-live": "not_live",
    "not-live-unknown": "not_live",
    "not-live-silent": "not_live",
    "not-live-eyes": "not_live",
    "not-live-mouth": "not_live",
    "below-liveness-threshold": "not_live",
    "photo-comparison-failed": "other_person",
    "eyes-not-closed": "challenge_not_met",
    "mouth-not-opened": "challenge_not_met",
    "no-movement": "challenge_not_met",
    "lips-still": "challenge_not_met",
    "other-digits": "challenge_not_met",
    "no-sound": "voice_not_heard",
    "quiet-sound": "voice_not_heard",
    "face-too-close": "face_too_close",
    "face-too-far": "face_too_far",
    "face-left": "face_off_centre",
    "face-right": "face_off_centre",
    "too-dark": "too_dark",
    "too-bright": "too_bright",
    "no-whole-face": "face_not_found",
    "part-of-face": "face_not_found",
    "no-face": "face_not_found",
    "no-usable-frame": "face_not_found",
    "several-faces": "several_faces",
    "poor-face": "recording_poor",
    "face-mask": "face_covered",
    "video-size": "recording_size",
    "video-format": "recording_unreadable",
    "video-unclear": "recording_poor",
    "video-too-short": "recording_too_short",
    "video-too-long": "recording_size",
    "video-not-decoded": "recording_unreadable",
    "video-not-compressed": "recording_size",
    "photo-size": "photo_size",
    "poor-photo": "photo_poor",
    "poor-id-photo": "photo_poor",
    "photo-without-face": "photo_no_face",
    "photo-with-faces": "photo_several_faces",
    "comparison-failed": "comparison_impossible",
    "invalid-parameter": "vendor_refused_input",
    "invalid-value": "vendor_refused_input",
    "invalid-authorization": "vendor_account",
    "unauthorized": "vendor_account",
    "in-arrears": "vendor_account",
    "account-unverified": "vendor_account",
    "not-activated": "vendor_account",
    "being-activated": "vendor_account",
    "unsupported": "vendor_request",
    "best-frame-not-given": "passed",
    "best-frame-broken": "passed",
    "best-frame-not-base64": "passed",
    "best-frame-list-not-given": "passed",
    "best-frame-missing": "passed",
    "best-frame-wrong-md5": "passed",
    "best-frame-wrong-size": "passed",
    "best-frame-expired": "passed",
    "slow-download": "passed",
}
REPEATABLE = {
    "engine-error": CallOutcome.NOT_EXECUTED,
    "vendor-error": CallOutcome.NOT_EXECUTED,
    "vendor-error-as-error": CallOutcome.NOT_EXECUTED,
    "download-failed": CallOutcome.NOT_EXECUTED,
    "download-timed-out": CallOutcome.UNKNOWN,
    "comparison-engine-error": CallOutcome.UNKNOWN,
    "video-not-pulled": CallOutcome.UNKNOWN,
}
SCENARIOS = {action: sorted(Catalogue().actions[action].scenarios) for action in APIS}
PLAYED = [(action, name) for action in APIS for name in SCENARIOS[action]]


@pytest.mark.parametrize(("action", "scenario"), PLAYED)
def test_an_answer_is_read_as_what_it_means(
    api: TencentApi, vendor: testing.Running, action: str, scenario: str
) -> None:
    check = check_by(api, action)
    reading = read_by(check, answer(check, scenario))

    if scenario in REPEATABLE:
        assert (reading.outcome, reading.decision) == (REPEATABLE[scenario], None)
    else:
        assert (reading.outcome, reading.reason) == (CallOutcome.ANSWERED, ANSWERED[scenario])
        assert reading.is_alert == (reading.reason.startswith("vendor_") and reading.is_in_table)
    assert len(vendor.calls(action)) == 1


def test_only_an_unremarkable_success_and_frames_that_fail_pass() -> None:
    passing = {name for name, reason in ANSWERED.items() if reason == "passed"}

    assert {name for name in passing if "frame" not in name} == {"pass", "slow-download"}


@pytest.mark.parametrize("action", APIS)
@pytest.mark.parametrize("scenario", ["reset-after-body", "cut-short", "http-500", "not-json"])
def test_a_lost_answer_is_an_unknown_outcome(api: TencentApi, action: str, scenario: str) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(check_by(api, action), scenario)
