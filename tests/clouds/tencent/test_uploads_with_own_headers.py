"""What an uploader may add to its upload on COS ends its own verification, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from liveproof.clock import now_ms
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.domain.verification import Decision, InputState
from liveproof.secret_documents import VendorKey
from liveproof.use_cases.uploads import presign_missing
from liveproof.use_cases.verify_upload import object_created, uploads_due
from liveproof_emulator import testing
from tests.clouds.tencent.conftest import NAME, REGION
from tests.clouds.tencent.uploader import sent
from tests.support.deployment import FILES, Deployment, verdict_code

KEY = bytes(range(32))
FOREIGN_KEY = {
    "x-cos-server-side-encryption-customer-algorithm": "AES256",
    "x-cos-server-side-encryption-customer-key": base64.b64encode(KEY).decode(),
    "x-cos-server-side-encryption-customer-key-MD5": base64.b64encode(
        hashlib.md5(KEY, usedforsecurity=False).digest()
    ).decode(),
}


@pytest.fixture
def uploading(vendor: testing.Running, role: VendorKey) -> Deployment:
    """A deployment whose bucket is COS."""
    deployment = Deployment()
    deployment.clock.time = now_ms()
    bucket = CosBucket(
        NAME, REGION, f"{vendor.url}/cos/{NAME}.cos.{REGION}.myqcloud.com", lambda: role
    )
    deployment.dependencies = replace(deployment.dependencies, bucket=bucket)
    return deployment


def put(deployment: Deployment, own: dict[str, str]) -> tuple[str, str]:
    """An upload of `image` with headers of the uploader's own: the verification's id, the key."""
    entry = deployment.create()
    upload = presign_missing(deployment.dependencies, entry)["image"]
    status, answer = sent("PUT", upload.url, FILES["image"], {**upload.headers, **own})
    assert status == 200, answer
    return entry.id, entry.inputs["image"].keys[0]


UNREADABLE = [
    {"x-cos-storage-class": "ARCHIVE"},
    {"x-cos-storage-class": "DEEP_ARCHIVE"},
    FOREIGN_KEY,
]


@pytest.mark.parametrize("own", UNREADABLE)
def test_an_upload_that_nobody_can_read_is_refused_at_its_event(
    uploading: Deployment, own: dict[str, str]
) -> None:
    identity, key = put(uploading, own)
    object_created(uploading.dependencies, key)

    assert verdict_code(uploading.load(identity)) == (Decision.RESUBMIT, "upload_unreadable")


@pytest.mark.parametrize("own", UNREADABLE)
def test_an_upload_that_nobody_can_read_keeps_no_verification_open(
    uploading: Deployment, own: dict[str, str]
) -> None:
    identity, _ = put(uploading, own)
    uploading.clock.sleep_until(uploading.load(identity).expires_at)
    uploads_due(uploading.dependencies, identity, uploading.clock.now() + 60_000)

    assert verdict_code(uploading.load(identity)) == (Decision.RESUBMIT, "upload_unreadable")


@pytest.mark.parametrize(
    "own",
    [{}, {"x-cos-storage-class": "STANDARD_IA"}, {"x-cos-meta-note": "a"}, {"Cache-Control": "a"}],
)
def test_an_upload_that_can_be_read_as_it_was_declared_is_proven(
    uploading: Deployment, own: dict[str, str]
) -> None:
    identity, key = put(uploading, own)
    object_created(uploading.dependencies, key)

    assert uploading.load(identity).inputs["image"].state is InputState.PROVEN
