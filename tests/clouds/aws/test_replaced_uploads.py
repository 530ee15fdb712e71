"""What is judged is what was proven, with S3 (moto)."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.domain.verification import Decision
from liveproof_emulator import testing
from tests.support.aws import BUCKET, REGION
from tests.support.deployment import Deployment, verdict_code
from tests.support.ways import INPUTS, WAYS, Uploading, Way, other


@pytest.fixture
def uploading(vendor: testing.Running, clients: Clients) -> Uploading:
    bucket = S3Bucket(clients, BUCKET, REGION)
    return Uploading(
        Deployment(), vendor, bucket, lambda key, body: bucket.put(key, body, "image/jpeg")
    )


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_files_that_stay_as_they_were_proven_are_judged(uploading: Uploading, way: Way) -> None:
    proven, _ = uploading.proven(way)

    assert verdict_code(uploading.judged(way, proven))[0] is Decision.PASSED
    assert uploading.paid(way) == 1


@pytest.mark.parametrize(("way", "name"), INPUTS, ids=str)
def test_a_file_that_was_replaced_after_its_proof_is_never_judged(
    uploading: Uploading, way: Way, name: str
) -> None:
    proven, files = uploading.proven(way)
    uploading.put(proven.inputs[name].keys[0], other(files[name]))

    after = uploading.judged(way, proven)
    assert verdict_code(after) == (Decision.RESUBMIT, "upload_replaced")
    assert uploading.paid(way) == 0


@pytest.mark.parametrize("way", WAYS[:1], ids=str)
def test_a_file_that_was_archived_after_its_proof_is_a_refusal(
    uploading: Uploading, clients: Clients, way: Way
) -> None:
    proven, files = uploading.proven(way)
    key = proven.inputs["image"].keys[0]
    clients.s3.put_object(Bucket=BUCKET, Key=key, Body=files["image"], StorageClass="GLACIER")

    after = uploading.judged(way, proven)
    assert verdict_code(after) == (Decision.RESUBMIT, "upload_unreadable")
    assert uploading.paid(way) == 0
