"""No byte is trusted before it is hashed, and events may come in any number and order."""

from __future__ import annotations

import hashlib

import pytest
from msgspec.structs import replace

from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Decision, InputState, Proof
from liveproof.ports import Conflict, StoredObject
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.verify_upload import object_created, uploads_due
from tests.support.deployment import CLIENT, IMAGE, LIVE_DATA, Deployment, md5_of
from tests.support.memory import StepRequest

CHUNK = 256 * 1024


def reason(deployment: Deployment, verification_id: str) -> str:
    verdict = deployment.load(verification_id).verdict
    assert verdict is not None
    return verdict.reason.code


def test_the_last_proven_input_asks_for_the_check_once(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    assert deployment.steps.requests == []
    deployment.upload(entry, "live_data")

    after = deployment.load(entry.id)
    assert after.status is Status.READY
    assert {declared.state for declared in after.inputs.values()} == {InputState.PROVEN}
    assert deployment.steps.requests == [
        StepRequest(Step.RUN_CHECK, entry.id, None, "reflect", CLIENT)
    ]


@pytest.mark.parametrize("etag", [None, "d41d8cd98f00b204e9800998ecf8427e", "0" * 32 + "-3"])
def test_whatever_the_etag_the_bytes_are_read_once_in_bounded_chunks_and_hashed(
    deployment: Deployment, etag: str | None
) -> None:
    body = IMAGE + bytes(3 * CHUNK)
    entry = deployment.create({"live_data": LIVE_DATA, "image": body})
    key = deployment.put(entry, "image", body)
    if etag is not None:
        deployment.bucket.etags[key] = etag
    object_created(deployment.dependencies, key)

    proven = deployment.load(entry.id).inputs["image"]
    assert proven.state is InputState.PROVEN
    assert proven.proof == Proof(
        sha256=hashlib.sha256(body).hexdigest(),
        etag=etag or md5_of(body),
        version=None,
        format="jpeg",
    )
    assert all(0 < amount <= CHUNK for amount in deployment.bucket.reads)
    assert len(deployment.bucket.reads) == 5


@pytest.mark.parametrize("name", ["image", "live_data"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (lambda good: good[:-1] + b"!", "wrong_md5"),
        (lambda good: good + b"!", "wrong_size"),
        (lambda good: good[:-1], "wrong_size"),
        (lambda good: b"", "wrong_size"),
    ],
    ids=["other bytes", "longer", "shorter", "empty"],
)
def test_other_bytes_than_declared_end_it_without_a_call(
    deployment: Deployment, name: str, body: object, expected: str
) -> None:
    assert callable(body)
    entry = deployment.create()
    deployment.upload(entry, name, body(IMAGE if name == "image" else LIVE_DATA))

    after = deployment.load(entry.id)
    assert after.verdict is not None
    assert after.verdict.decision is Decision.RESUBMIT
    assert reason(deployment, entry.id) == expected
    assert after.inputs[name].state is InputState.REFUSED
    assert after.inputs[name].reason == expected
    assert deployment.steps.requests == [
        StepRequest(Step.DELIVER_RESULT, entry.id, None, "reflect", CLIENT)
    ]
    deployment.settle()
    assert deployment.check.prepared == deployment.check.calls == 0


@pytest.mark.parametrize("etag", ["0" * 32, md5_of(IMAGE)])
def test_no_etag_passes_wrong_bytes(deployment: Deployment, etag: str) -> None:
    entry = deployment.create()
    key = deployment.put(entry, "image", IMAGE[:-1] + b"!")
    deployment.bucket.etags[key] = etag
    object_created(deployment.dependencies, key)

    assert reason(deployment, entry.id) == "wrong_md5"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("image", b"GIF89a" + bytes(40)),
        ("image", b"%PDF-1.7" + bytes(40)),
        ("image", b"no known format at all"),
        ("live_data", IMAGE),
        ("live_data", b"\x89PNG\r\n\x1a\n" + bytes(40)),
        ("live_data", b"\x00\x00\x00\x18ftypmp42" + bytes(40)),
    ],
)
@pytest.mark.parametrize("etag", [None, "0" * 32])
def test_a_format_that_the_input_does_not_take_ends_it_without_a_call(
    deployment: Deployment, name: str, body: bytes, etag: str | None
) -> None:
    files = {"live_data": LIVE_DATA, "image": IMAGE, name: body}
    entry = deployment.create(files)
    key = deployment.put(entry, name, body)
    if etag is not None:
        deployment.bucket.etags[key] = etag
    object_created(deployment.dependencies, key)

    assert reason(deployment, entry.id) == "wrong_format"
    assert deployment.check.prepared == 0


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n" + bytes(40), IMAGE, b"\xff\xd8\xff"])
def test_jpeg_and_png_are_images(deployment: Deployment, body: bytes) -> None:
    entry = deployment.create({"live_data": LIVE_DATA, "image": body})
    deployment.upload(entry, "image", body)

    assert deployment.load(entry.id).inputs["image"].state is InputState.PROVEN


def test_copies_of_an_event_change_nothing(deployment: Deployment) -> None:
    entry = deployment.create()
    key = deployment.upload(entry, "image")
    once = deployment.load(entry.id)
    for _ in range(3):
        object_created(deployment.dependencies, key)

    assert deployment.load(entry.id) == once


def test_events_after_the_decision_change_nothing(deployment: Deployment) -> None:
    entry = deployment.create()
    key = deployment.upload(entry, "image")
    deployment.upload(entry, "live_data")
    deployment.settle()
    decided = deployment.load(entry.id)

    object_created(deployment.dependencies, key)
    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)

    assert deployment.load(entry.id) == decided
    assert deployment.check.calls == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "uploads/",
        "uploads/ver_x/image/abc",
        "uploads/ver_01m7q5cqg00000000000000000/image",
        "uploads/ver_01m7q5cqg00000000000000000/image/a/b",
        "evidence/ver_01m7q5cqg00000000000000000/best_frame.jpg",
        "evidence/ver_01m7q5cqg00000000000000000/image/abc",
        "uploads/ver_01m7q5cqg00000000000000000/image/abc",
    ],
)
def test_objects_that_nobody_asked_for_are_ignored(deployment: Deployment, key: str) -> None:
    deployment.bucket.objects[key] = IMAGE

    object_created(deployment.dependencies, key)

    assert deployment.bucket.reads == []
    assert deployment.records.all() == []


@pytest.mark.parametrize(
    "key", ["evidence/{id}/image/a", "uploads/{id}/image", "uploads/{id}/image/a/b"]
)
def test_an_object_elsewhere_is_no_sign_of_an_attack_on_a_verification(
    deployment: Deployment, key: str
) -> None:
    entry = deployment.create()
    object_created(deployment.dependencies, key.format(id=entry.id))

    assert deployment.load(entry.id) == entry


@pytest.mark.parametrize("tail", ["image/guessed", "selfie/guessed"])
def test_a_key_that_was_not_issued_is_ignored(deployment: Deployment, tail: str) -> None:
    entry = deployment.create()
    key = f"uploads/{entry.id}/{tail}"
    deployment.bucket.objects[key] = IMAGE
    object_created(deployment.dependencies, key)

    after = deployment.load(entry.id)
    assert after.signals == {"unissued_key": 1}
    assert replace(after, signals={}, version=entry.version) == entry
    assert deployment.bucket.reads == []


def test_a_change_that_comes_before_a_signal_wins(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.records.conflicts_to_come = 1
    object_created(deployment.dependencies, f"uploads/{entry.id}/image/guessed")

    assert deployment.load(entry.id) == entry


def test_one_inputs_key_does_not_prove_another(deployment: Deployment) -> None:
    entry = deployment.create()
    foreign = entry.inputs["live_data"].keys[0].replace("/live_data/", "/image/")
    deployment.bucket.objects[foreign] = IMAGE
    object_created(deployment.dependencies, foreign)

    assert deployment.load(entry.id).inputs == entry.inputs


def test_an_event_for_an_object_that_is_gone_is_ignored(deployment: Deployment) -> None:
    entry = deployment.create()
    object_created(deployment.dependencies, entry.inputs["image"].keys[0])

    assert deployment.load(entry.id) == entry


def test_an_upload_under_an_earlier_key_counts_after_a_renewal(deployment: Deployment) -> None:
    entry = deployment.create()
    first = entry.inputs["image"].keys[0]
    renew_uploads(deployment.dependencies, CLIENT, entry.id)
    deployment.bucket.objects[first] = IMAGE
    object_created(deployment.dependencies, first)

    assert deployment.load(entry.id).inputs["image"].proven_key == first


def test_the_same_bytes_under_two_keys_are_proven_once(deployment: Deployment) -> None:
    entry = deployment.create()
    first = deployment.upload(entry, "image")
    deployment.upload(entry, "live_data")
    deployment.steps.take()
    second = entry.inputs["image"].keys[0] + "x"
    deployment.bucket.objects[second] = IMAGE
    object_created(deployment.dependencies, second)

    assert deployment.load(entry.id).inputs["image"].proven_key == first
    assert deployment.steps.requests == []


def test_a_proof_that_lost_against_the_other_inputs_proof_is_saved_again(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    deployment.records.conflicts_to_come = 3
    deployment.upload(entry, "live_data")

    assert deployment.load(entry.id).status is Status.READY
    assert deployment.steps.requests == [
        StepRequest(Step.RUN_CHECK, entry.id, None, "reflect", CLIENT)
    ]


def test_of_two_events_at_the_same_moment_one_proves(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.create()
    key = deployment.put(entry, "image")
    read = deployment.bucket.open

    def read_after_the_other(key: str, proof: Proof | None = None) -> StoredObject:
        monkeypatch.setattr(deployment.bucket, "open", read)
        object_created(deployment.dependencies, key)
        return read(key, proof)

    monkeypatch.setattr(deployment.bucket, "open", read_after_the_other)
    object_created(deployment.dependencies, key)

    after = deployment.load(entry.id)
    assert after.inputs["image"].state is InputState.PROVEN
    assert [one.what for one in after.audit.entries].count("input_proven") == 1


def test_a_proof_that_always_loses_comes_again_with_its_event(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.records.conflicts_to_come = 10

    with pytest.raises(Conflict):
        deployment.upload(entry, "image")
    assert deployment.records.conflicts_to_come == 0, "ten tries"
    object_created(deployment.dependencies, entry.inputs["image"].keys[0])
    assert deployment.load(entry.id).inputs["image"].state is InputState.PROVEN
