"""The vendor's emulator, fast enough for tests, and sources of files."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from liveproof.secret_documents import vendor_key
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from tests.support.memory import MemorySecrets

FAST = {
    "DetectReflectLivenessAndCompare": 1000,
    "VideoLivenessCompare": 1000,
    "LivenessCompare": 1000,
    "CompareFaceLiveness": 1000,
    "DetectLiveFaceAccurate": 1000,
    "GenerateReflectSequence": 1000,
    "CreateUploadUrl": 1000,
}


@pytest.fixture(scope="session")
def running() -> Iterator[testing.Running]:
    with testing.start(calls_per_second=FAST) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: testing.Running) -> testing.Running:
    """The emulator, fresh."""
    running.reset()
    return running


@pytest.fixture
def secrets(vendor: testing.Running) -> MemorySecrets:
    """The emulator's keys as a deployment would hold them."""
    tencent = {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key}
    senseid = {"key": vendor.cipher.key, "iv": vendor.cipher.iv}
    return MemorySecrets(
        {
            "vendor-key": json.dumps(tencent).encode(),
            "senseid-key": json.dumps(senseid).encode(),
        }
    )


@pytest.fixture
def api(vendor: testing.Running, secrets: MemorySecrets) -> TencentApi:
    return TencentApi(vendor.url, "ap-singapore", vendor_key(secrets, "vendor-key"))


@pytest.fixture
def senseid(vendor: testing.Running, secrets: MemorySecrets) -> SenseId:
    return SenseId(vendor.senseid_url, secrets, "senseid-key")
