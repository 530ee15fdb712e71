"""The vendor's emulator, fast enough for tests, and sources of files."""

from __future__ import annotations

import pytest

from liveproof.secret_documents import vendor_key
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from tests.support.emulator import vendor_secrets
from tests.support.memory import MemorySecrets


@pytest.fixture
def secrets(vendor: testing.Running) -> MemorySecrets:
    """The emulator's keys as a deployment would hold them."""
    return MemorySecrets(vendor_secrets(vendor))


@pytest.fixture
def api(vendor: testing.Running, secrets: MemorySecrets) -> TencentApi:
    return TencentApi(vendor.url, "ap-singapore", vendor_key(secrets, "vendor-key"))


@pytest.fixture
def senseid(vendor: testing.Running, secrets: MemorySecrets) -> SenseId:
    return SenseId(vendor.senseid_url, secrets, "senseid-key")
