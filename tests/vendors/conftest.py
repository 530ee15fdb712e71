"""The vendor's emulator, and clients of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from liveproof.secret_documents import vendor_key
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from tests.support.memory import MemorySecrets

KEY_CANARY = "canarySecretKeyThatNobodyMaySee"


def api_for(url: str, secret_id: str = "AKIDexample", secret_key: str = KEY_CANARY) -> TencentApi:
    document = {"secret_id": secret_id, "secret_key": secret_key}
    secrets = MemorySecrets({"vendor-key": json.dumps(document).encode()})
    return TencentApi(url, "ap-singapore", vendor_key(secrets, "vendor-key"))


@pytest.fixture
def api(vendor: testing.Running) -> TencentApi:
    return api_for(vendor.url, vendor.secret_id, vendor.secret_key)


@pytest.fixture
def make_api() -> Callable[[str], TencentApi]:
    return api_for
