"""Uploads that cannot be read: for good they are a refusal, else they keep nothing from its end."""

from __future__ import annotations

import pytest

from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, InputState, Verification
from liveproof.ports import Conflict, ObjectUnreadable
from liveproof.use_cases.verify_upload import object_created, uploads_due
from tests.support.deployment import HOUR_MS, IMAGE, Deployment, verdict_code


class BucketAway(Exception):
    """The bucket does not answer just now."""


def late(deployment: Deployment, entry: Verification, after_ms: int = 0) -> None:
    """Run the step that is due when time is up, so long after it."""
    deployment.clock.sleep_until(entry.expires_at + after_ms)
    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)


def test_an_object_that_will_never_be_read_is_a_refusal_at_its_event(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    key = deployment.put(entry, "image")
    deployment.bucket.failures[key] = ObjectUnreadable()
    object_created(deployment.dependencies, key)

    assert verdict_code(deployment.load(entry.id)) == (Decision.RESUBMIT, "upload_unreadable")


def test_an_archived_upload_without_an_event_is_reported_when_time_is_up(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.bucket.failures[deployment.put(entry, "image")] = ObjectUnreadable()
    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == (Decision.RESUBMIT, "upload_unreadable")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_upload_with_a_content_encoding_is_refused(
    deployment: Deployment, encoding: str
) -> None:
    entry = deployment.create()
    key = deployment.put(entry, "image")
    deployment.bucket.encodings[key] = encoding
    object_created(deployment.dependencies, key)

    assert verdict_code(deployment.load(entry.id)) == (Decision.RESUBMIT, "wrong_headers")


def test_a_size_that_is_wrong_is_refused_before_anything_is_read(deployment: Deployment) -> None:
    deployment.upload(deployment.create(), "image", IMAGE + b"!")

    assert deployment.bucket.reads == []


def test_a_bucket_that_is_away_at_the_event_makes_it_come_again(deployment: Deployment) -> None:
    entry = deployment.create()
    key = deployment.put(entry, "image")
    deployment.bucket.failures[key] = BucketAway()

    with pytest.raises(BucketAway):
        object_created(deployment.dependencies, key)
    deployment.bucket.failures.clear()
    object_created(deployment.dependencies, key)
    assert deployment.load(entry.id).inputs["image"].state is InputState.PROVEN


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_proven(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    for name in ("live_data", "image"):
        deployment.put(entry, name)
    deployment.bucket.failures[entry.inputs["live_data"].keys[0]] = BucketAway()

    with pytest.raises(BucketAway):
        late(deployment, entry)
    after = deployment.load(entry.id)
    assert after.status is Status.AWAITING_UPLOAD
    assert after.inputs["image"].state is InputState.PROVEN


def test_a_good_upload_survives_a_bucket_that_is_away_when_its_time_is_up(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    key = deployment.put(entry, "live_data")
    deployment.bucket.failures[key] = BucketAway()
    for minute in (0, 1, 30, 59):
        with pytest.raises(BucketAway):
            late(deployment, entry, minute * 60_000)
    deployment.bucket.failures.clear()
    late(deployment, entry, 59 * 60_000)

    assert deployment.load(entry.id).status is Status.READY


@pytest.mark.parametrize("failure", [BucketAway(), Conflict("busy"), ValueError("a broken file")])
def test_a_verification_whose_files_cannot_be_read_ends_after_an_hour_of_grace(
    deployment: Deployment, failure: Exception
) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    deployment.bucket.failures[deployment.put(entry, "live_data")] = failure
    with pytest.raises(type(failure)):
        late(deployment, entry, HOUR_MS - 1)
    late(deployment, entry, HOUR_MS)

    assert verdict_code(deployment.load(entry.id)) == (Decision.EXPIRED, "uploads_unread")


def test_a_verification_expires_at_once_if_another_of_its_files_is_not_there_at_all(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.bucket.failures[deployment.put(entry, "image")] = BucketAway()
    late(deployment, entry)

    assert verdict_code(deployment.load(entry.id)) == (Decision.EXPIRED, "uploads_expired")


def test_files_that_nobody_had_time_to_look_for_are_left_to_the_next_run(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.put(entry, "image")
    deployment.put(entry, "live_data")
    deployment.clock.sleep_until(entry.expires_at + 2 * HOUR_MS)
    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 1_000)
    assert deployment.load(entry.id) == entry

    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)
    assert deployment.load(entry.id).status is Status.READY


@pytest.mark.parametrize(("left_ms", "status"), [(45_000, "ready"), (44_999, "awaiting_upload")])
def test_no_proof_begins_in_the_last_45_seconds_of_its_function(
    deployment: Deployment, left_ms: int, status: str
) -> None:
    """A bucket that does not answer takes three tries of thirteen seconds."""
    entry = deployment.create()
    deployment.put(entry, "image")
    deployment.put(entry, "live_data")
    deployment.clock.sleep_until(entry.expires_at)
    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + left_ms)

    assert deployment.load(entry.id).status == Status(status)
