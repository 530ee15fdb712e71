"""The best frame is kept if it can be; it never costs the decision."""

from __future__ import annotations

import hashlib

import pytest

from liveproof import observability
from liveproof.checks.frames import Frame
from liveproof.domain.verification import Decision, Verification
from liveproof.observability import Event
from liveproof.use_cases.keep_evidence import evidence_key, keep_evidence
from liveproof.vendors.errors import RelayFailed
from tests.support.checks import FRAME, FRAME_MD5, answer
from tests.support.deployment import Deployment, verdict_code


def test_the_best_frame_of_a_passed_verification_is_kept(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    after = deployment.run_check(deployment.ready())

    key = f"evidence/passed/{after.id}/best_frame.jpg"
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


@pytest.mark.parametrize(
    ("code", "decision"),
    [
        ("FailedOperation.LivessDetectFake", "rejected"),
        ("FailedOperation.ActionFaceFar", "resubmit"),
        ("AuthFailure.InvalidAuthorization", "error"),
    ],
)
def test_nothing_is_kept_of_a_person_who_did_not_pass_nor_said_to_be_missing(
    deployment: Deployment, code: str, decision: str
) -> None:
    deployment.check.script = [answer(code, 0, frame=True)]
    after = deployment.run_check(deployment.ready())

    assert verdict_code(after)[0] == Decision(decision)
    assert after.evidence is None
    assert not [key for key in deployment.bucket.objects if key.startswith("evidence/")]


def keep(deployment: Deployment, count: int, seconds: float = 60) -> Verification:
    """What is kept of so many frames."""
    entry = deployment.ready()
    offered = tuple(deployment.check.frame() for _ in range(count))
    return keep_evidence(deployment.dependencies, entry, offered, seconds)


ONE, TWO, THREE = (b"\xff\xd8\xff\xe0 " + name for name in (b"one", b"two", b"three"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xd8",
        b"<script>alert(1)</script>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n rest",
        b"{}",
        b"\0" + ONE,
    ],
)
def test_a_frame_that_is_no_jpeg_is_not_kept(deployment: Deployment, body: bytes) -> None:
    """A file of 0 bytes and a page of HTML lay under `evidence/` as image/jpeg."""
    deployment.check.frames = [body]
    after = keep(deployment, 1)

    assert after.evidence is not None
    assert (after.evidence.frames, after.evidence.missing) == ((), "not_fetched")
    assert not [key for key in deployment.bucket.objects if key.startswith("evidence/")]


def test_the_frames_after_one_that_is_no_jpeg_are_kept(deployment: Deployment) -> None:
    deployment.check.frames = [b"<html>", ONE]
    after = keep(deployment, 2)

    assert after.evidence is not None
    assert [deployment.bucket.objects[frame.key] for frame in after.evidence.frames] == [ONE]
    assert after.evidence.missing == "not_fetched"


def test_several_frames_are_kept_under_names_of_their_own(deployment: Deployment) -> None:
    bodies: list[bytes | RelayFailed] = [ONE, TWO, THREE]
    deployment.check.frames = list(bodies)
    after = keep(deployment, 3)

    assert after.evidence is not None
    assert after.evidence.missing is None
    names = ["best_frame.jpg", "best_frame_2.jpg", "best_frame_3.jpg"]
    kept = [(frame.key, frame.size, frame.md5) for frame in after.evidence.frames]
    assert kept == [
        (f"evidence/passed/{after.id}/{name}", len(body), hashlib.md5(body).hexdigest())  # noqa: S324
        for name, body in zip(names, (ONE, TWO, THREE), strict=True)
    ]
    assert [deployment.bucket.objects[key] for key, _, _ in kept] == bodies


def test_a_frame_that_cannot_be_had_does_not_cost_those_after_it(deployment: Deployment) -> None:
    broken = RelayFailed("the best frame is not base64")
    deployment.check.frames = [ONE, broken, broken, THREE]
    after = keep(deployment, 3)

    assert after.evidence is not None
    assert after.evidence.missing == "not_fetched"
    assert [deployment.bucket.objects[frame.key] for frame in after.evidence.frames] == [
        ONE,
        THREE,
    ]
    assert after.evidence.frames[1].key == evidence_key(after.id, 2)


@pytest.mark.parametrize(
    ("seconds_left", "expected"), [(60, [4.0, 4.0]), (6, [3.0]), (1.5, [0.75])]
)
def test_frames_take_no_more_time_than_there_is(
    deployment: Deployment, seconds_left: float, expected: list[float]
) -> None:
    timeouts: list[float] = []

    def slow(timeout: float) -> bytes:
        timeouts.append(timeout)
        deployment.clock.advance(timeout * 1000)
        raise RelayFailed("the download took too long")

    entry = deployment.ready()
    after = keep_evidence(deployment.dependencies, entry, (Frame(slow),) * 10, seconds_left)

    assert timeouts == expected
    assert after.evidence is not None
    assert (after.evidence.frames, after.evidence.missing) == ((), "not_fetched")


def test_no_frame_is_asked_for_after_one_that_took_longer_than_it_was_given(
    deployment: Deployment,
) -> None:
    tries: list[float] = []

    def overdue(timeout: float) -> bytes:
        tries.append(timeout)
        deployment.clock.advance(8_001)
        raise RelayFailed("the download took too long")

    keep_evidence(deployment.dependencies, deployment.ready(), (Frame(overdue),) * 2, 60)

    assert len(tries) == 1


@pytest.mark.parametrize(("is_offered", "missing"), [(True, []), (False, ["not_offered"])])
def test_only_evidence_that_is_missing_is_logged_as_such(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, is_offered: bool, missing: list[str]
) -> None:
    why: list[object] = []

    def record(event: Event, **fields: object) -> None:
        if event is Event.EVIDENCE_MISSING:
            why.append(fields["why"])

    monkeypatch.setattr(observability, "record", record)
    deployment.check.script = [answer(frame=is_offered)]

    deployment.run_check(deployment.ready())

    assert why == missing
