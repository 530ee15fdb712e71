"""What is judged is what was proven: a file that changes between its proof and its call costs it.

The bucket is in memory here; S3 and COS are in tests/clouds.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof import observability
from liveproof.domain.ledger import CallState
from liveproof.domain.verification import Decision, Verification
from liveproof.observability import Event, Metric
from liveproof.ports import ObjectUnreadable
from liveproof_emulator import testing
from tests.support.deployment import Deployment, md5_of, verdict_code
from tests.support.ways import INPUTS, WAYS, Uploading, Way, other


@pytest.fixture
def uploading(deployment: Deployment, vendor: testing.Running) -> Uploading:
    bucket = deployment.bucket
    return Uploading(deployment, vendor, bucket, bucket.objects.__setitem__)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Metrics and events."""
    seen: list[object] = []
    monkeypatch.setattr(observability, "count", seen.append)
    monkeypatch.setattr(observability, "record", lambda event, **_: seen.append(event))
    return seen


def assert_refused_without_a_call(uploading: Uploading, way: Way, after: Verification) -> None:
    assert verdict_code(after) == (Decision.RESUBMIT, "upload_replaced")
    assert uploading.paid(way) == 0
    assert [call.state for call in after.calls] == [CallState.INTENT]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_files_that_stay_as_they_were_proven_are_judged(
    uploading: Uploading, events: list[object], way: Way
) -> None:
    proven, _ = uploading.proven(way)
    after = uploading.judged(way, proven)

    assert verdict_code(after)[0] is Decision.PASSED
    assert uploading.paid(way) == 1
    assert Metric.UPLOAD_REPLACED not in events


@pytest.mark.parametrize(("way", "name"), INPUTS, ids=str)
def test_a_file_that_was_replaced_after_its_proof_is_never_judged(
    uploading: Uploading, events: list[object], way: Way, name: str
) -> None:
    proven, files = uploading.proven(way)
    uploading.put(proven.inputs[name].keys[0], other(files[name]))
    after = uploading.judged(way, proven)

    assert_refused_without_a_call(uploading, way, after)
    assert events.count(Metric.UPLOAD_REPLACED) == events.count(Event.UPLOAD_REPLACED) == 1


@pytest.mark.parametrize(("way", "name"), INPUTS, ids=str)
@pytest.mark.parametrize("record", ["new", "old"])
def test_bytes_that_changed_under_an_etag_that_did_not_are_found_while_they_are_read(
    deployment: Deployment, uploading: Uploading, way: Way, name: str, record: str
) -> None:
    proven, files = uploading.proven(way)
    if record == "old":
        # As it was stored before proofs were.
        inputs = {key: replace(file, proof=None) for key, file in proven.inputs.items()}
        deployment.records.save(replace(proven, inputs=inputs))
    key = proven.inputs[name].keys[0]
    deployment.bucket.etags[key] = md5_of(files[name])
    uploading.put(key, other(files[name]))

    assert_refused_without_a_call(uploading, way, uploading.judged(way, proven))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_an_old_record_without_a_proof_is_judged(
    deployment: Deployment, uploading: Uploading, way: Way
) -> None:
    proven, _ = uploading.proven(way)
    inputs = {key: replace(file, proof=None) for key, file in proven.inputs.items()}
    deployment.records.save(replace(proven, inputs=inputs))

    assert verdict_code(uploading.judged(way, proven))[0] is Decision.PASSED


@pytest.mark.parametrize("longer", [True, False])
def test_a_file_of_another_size_is_not_even_read(
    deployment: Deployment, uploading: Uploading, longer: bool
) -> None:
    way = next(way for way in WAYS if way.check == "photo")
    proven, files = uploading.proven(way)
    key, image = proven.inputs["image"].keys[0], files["image"]
    deployment.bucket.etags[key] = md5_of(image)
    uploading.put(key, image + b"!" if longer else image[:-1])
    deployment.bucket.reads.clear()

    assert_refused_without_a_call(uploading, way, uploading.judged(way, proven))
    assert deployment.bucket.reads == []


def test_a_file_that_can_no_longer_be_read_is_a_refusal_without_a_call(
    deployment: Deployment, uploading: Uploading, events: list[object]
) -> None:
    way = WAYS[0]
    proven, _ = uploading.proven(way)
    deployment.bucket.failures[proven.inputs["image"].keys[0]] = ObjectUnreadable()

    assert verdict_code(uploading.judged(way, proven)) == (Decision.RESUBMIT, "upload_unreadable")
    assert uploading.paid(way) == 0
    assert Metric.UPLOAD_REPLACED not in events
