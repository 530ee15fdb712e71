"""The silent check: SenseID's emulator decrypts what it is sent; each answer has one meaning."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs

import pytest

from liveproof import facts
from liveproof.checks.check import CheckMismatch
from liveproof.checks.silent import Silent
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Challenge, Decision
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import NotSent, OutcomeUnknown, RelayFailed
from liveproof.vendors.senseid.api import SenseId
from liveproof_emulator import testing
from liveproof_emulator.senseid.catalogue import ENDPOINTS
from tests.support.checks import read_by
from tests.support.memory import MemorySecrets
from tests.support.servers import closed_port
from tests.support.sources import sources

MAX_FRAME_BYTES = 10 * 1024 * 1024  # docs/checks.md promises it
PATH = "/identity/silent_image_verification/stateless"
ANSWERED = {
    "pass": "passed",
    "low-score": "score_below_threshold",
    "at-threshold": "score_below_threshold",
    "other-person": "score_below_threshold",
    "missing-score": "vendor_answer_incomplete",
    "missing-passed": "vendor_answer_incomplete",
    "spoof": "spoof_suspected",
    "spoof-as-error": "not_live",
    "short-video": "recording_too_short",
    "short-video-as-error": "not_live",
    "unknown-status": "not_live",
    "no-face": "photo_no_face",
    "covered-face": "passed",  # looked at only with check_quality, which is not asked for
    "invalid-argument": "vendor_refused_input",
    "photo-pixels": "capture_size",
    "photo-bytes": "capture_size",
    "damaged": "capture_unreadable",
    "unknown-code": "vendor_code_unknown",
    "http-400": "vendor_request",
    "http-404": "vendor_request",
    "http-411": "vendor_request",
    "http-413": "capture_size",
}


@pytest.fixture
def check(senseid: SenseId) -> Silent:
    return Silent(senseid)


def answer(check: Silent, scenario: str | None, timeout: float = 10) -> Answer:
    files = sources(video=testing.video(scenario), image=testing.photo())
    return check.call(check.prepare(files, None, 10), timeout)


def passed(**fields: Any) -> Answer:
    good = {"code": 1000, "passed": True, "verification_score": 0.93, "liveness_status": "ok"}
    return Answer({**good, **fields}, None, "r", 1)


@pytest.mark.parametrize("scenario", sorted(ENDPOINTS[PATH].scenarios))
def test_an_answer_is_read_as_what_it_means(
    check: Silent, vendor: testing.Running, scenario: str
) -> None:
    reading = read_by(check, answer(check, scenario))

    assert (reading.outcome, reading.reason) == (CallOutcome.ANSWERED, ANSWERED[scenario])
    assert (
        reading.billable == "no" or not reading.is_in_table or reading.reason.endswith("incomplete")
    )
    assert len(vendor.calls(PATH)) == 1


@pytest.mark.parametrize("scenario", ["http-500", "internal-error", "rate-limited-always"])
def test_a_failure_of_the_service_is_repeated_as_it_costs_nothing(
    check: Silent, scenario: str
) -> None:
    reading = read_by(check, answer(check, scenario))

    assert (reading.outcome, reading.decision) == (CallOutcome.NOT_EXECUTED, None)


@pytest.mark.parametrize(
    "scenario", ["reset-after-body", "cut-short", "not-json", "timeout-after-charge"]
)
def test_a_lost_answer_is_an_unknown_outcome(check: Silent, scenario: str) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(check, scenario, timeout=1)


def test_a_service_that_is_away_was_sent_nothing(secrets: MemorySecrets) -> None:
    check = Silent(SenseId(f"http://127.0.0.1:{closed_port()}", secrets, "senseid-key"))
    with pytest.raises(NotSent):
        answer(check, None)


def test_another_key_is_refused_and_never_passes(
    vendor: testing.Running, secrets: MemorySecrets
) -> None:
    secrets.values["senseid-key"] = b'{"key": "%s", "iv": "df25d188a061"}' % (b"k" * 32)
    check = Silent(SenseId(vendor.senseid_url, secrets, "senseid-key"))
    reading = read_by(check, answer(check, None))

    assert (reading.reason, reading.is_alert) == ("vendor_refused_input", True)


def test_the_form_asks_for_status_and_frame_and_holds_both_files(
    check: Silent, vendor: testing.Running
) -> None:
    clip, photo = testing.video(), testing.photo()
    parameters = check.prepare(sources(video=clip, image=photo), None, 10)
    form = parse_qs(bytes(parameters["form"]).decode("ascii"), strict_parsing=True)

    assert vendor.cipher.decrypt(form.pop("encrypted_video")[0]) == clip
    assert vendor.cipher.decrypt(form.pop("encrypted_image")[0]) == photo
    assert form == {"return_status": ["true"], "return_image": ["true"], "auto_rotate": ["true"]}
    assert check.relay_count({"video": 1, "image": 1}) == 0


@pytest.mark.parametrize(
    ("fields", "decision", "reason"),
    [
        ({"verification_score": 0.7}, Decision.REJECTED, "score_below_threshold"),
        ({"verification_score": 0.7000001}, Decision.PASSED, "passed"),
        ({"verification_score": 1}, Decision.PASSED, "passed"),
        ({"verification_score": 0}, Decision.REJECTED, "score_below_threshold"),
        ({"verification_score": 1.0001}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"verification_score": 93}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"verification_score": None}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"verification_score": True}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"verification_score": "0.93"}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"verification_score": float("nan")}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"passed": None}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"passed": 1}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"passed": "true"}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"passed": False}, Decision.REJECTED, "not_live"),
        ({"passed": False, "liveness_status": None}, Decision.REJECTED, "not_live"),
        ({"passed": False, "liveness_status": "hack"}, Decision.REJECTED, "spoof_suspected"),
        ({"passed": False, "liveness_status": "1000"}, Decision.REJECTED, "not_live"),
        ({"passed": False, "liveness_status": {}}, Decision.REJECTED, "not_live"),
        ({"passed": False, "liveness_status": ["hack"]}, Decision.REJECTED, "not_live"),
        (
            {"passed": False, "liveness_status": "short_time"},
            Decision.RESUBMIT,
            "recording_too_short",
        ),
        # It is asked for with each call (return_status).
        ({"liveness_status": None}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"liveness_status": "ok"}, Decision.PASSED, "passed"),
        # Everything but two exact words passed.
        ({"liveness_status": "HACK"}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": "hack "}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": ["hack"]}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": ["ok"]}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": "OK"}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": ""}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": "1000"}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": "passed"}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": True}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": False}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": 0}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": {}}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": "o\u043a"}, Decision.ERROR, "vendor_code_unknown"),
        ({"liveness_status": "hack"}, Decision.ERROR, "vendor_answer_incomplete"),
        ({"liveness_status": "short_time"}, Decision.ERROR, "vendor_answer_incomplete"),
    ],
)
def test_only_passed_with_a_score_above_the_threshold_passes(
    check: Silent, fields: dict[str, Any], decision: Decision, reason: str
) -> None:
    reading = read_by(check, passed(**fields))

    assert (reading.decision, reading.reason) == (decision, reason)


@pytest.mark.parametrize("code", ["1200", "2003", "2004", "2005", "4000", "4004", "4007", "4999"])
def test_a_code_of_the_vendor_never_passes_whatever_the_fields_say(
    check: Silent, code: str
) -> None:
    reading = Answer({"code": int(code), "passed": True, "verification_score": 0.99}, code, "r", 1)

    assert check.read(reading).score is None
    assert read_by(check, reading).decision is not Decision.PASSED


def test_the_frame_of_a_live_person_is_kept(check: Silent) -> None:
    reading = answer(check, None)
    (frame,) = check.read(reading).frames

    assert frame.open(5).startswith(b"\xff\xd8\xff")
    assert reading.response["base64_image"][:20] not in repr(frame)


@pytest.mark.parametrize("content", [None, "", 7, ["eA=="]])
def test_a_frame_that_is_not_given_is_none(check: Silent, content: object) -> None:
    assert check.read(passed(base64_image=content)).frames == ()


@pytest.mark.parametrize(
    ("status", "code"),
    [("HACK", "liveness_status=HACK"), ("a\nb", "liveness_status=a?b"), ({}, "liveness_status")],
)
def test_an_unknown_liveness_status_is_recorded_if_it_is_a_text(
    check: Silent, status: object, code: str
) -> None:
    assert check.read(passed(liveness_status=status)).code == code


def test_no_liveness_status_is_a_code_of_a_table(check: Silent) -> None:
    """Else an answer could pass by the name of another code."""
    table = facts.code_table("senseid").codes
    for status in {*table, "ok "} - {"ok", "hack", "short_time"}:
        code = check.read(passed(liveness_status=status)).code
        assert code is not None
        assert code not in table


@pytest.mark.parametrize("more", [0, 1])
def test_a_frame_may_have_ten_mebibytes_and_no_more(check: Silent, more: int) -> None:
    content = base64.b64encode(bytes(MAX_FRAME_BYTES)).decode() + "AAAA" * more
    (frame,) = check.read(passed(base64_image=content)).frames
    if more:
        with pytest.raises(RelayFailed, match="larger than"):
            frame.open(5)
    else:
        assert len(frame.open(5)) == MAX_FRAME_BYTES


def test_a_frame_that_is_not_base64_is_refused(check: Silent) -> None:
    (frame,) = check.read(passed(base64_image="no base64!")).frames
    with pytest.raises(RelayFailed):
        frame.open(5)


def test_a_challenge_is_refused(check: Silent) -> None:
    with pytest.raises(CheckMismatch) as refusal:
        check.validate({"video": 1, "image": 1}, Challenge(type="silent"))

    assert refusal.value.field == "challenge"
