"""What is judged is what was proven, with S3 (moto)."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.domain.verification import Decision
from liveproof_emulator import testing
from tests.support.aws import BUCKET, REGION, s3
from tests.support.deployment import Deployment, verdict_code
from tests.support.replaced_uploads_contract import ReplacedUploadsContract
from tests.support.ways import WAYS, Uploading, Way


@pytest.fixture
def uploading(vendor: testing.Running, clients: Clients) -> Uploading:
    bucket = S3Bucket(clients, BUCKET, REGION)
    return Uploading(
        Deployment(), vendor, bucket, lambda key, body: bucket.put(key, body, "image/jpeg")
    )


class TestReplacedUploadsOnS3(ReplacedUploadsContract):
    """What every Bucket makes sure of."""


@pytest.mark.parametrize("way", WAYS[:1], ids=str)
def test_a_file_that_was_archived_after_its_proof_is_a_refusal(
    uploading: Uploading, clients: Clients, way: Way
) -> None:
    proven, files = uploading.proven(way)
    key = proven.inputs["image"].keys[0]
    s3().put_object(Bucket=BUCKET, Key=key, Body=files["image"], StorageClass="GLACIER")

    after = uploading.judged(way, proven)
    assert verdict_code(after) == (Decision.RESUBMIT, "upload_unreadable")
    assert uploading.paid(way) == 0
