"""An emulator for COS, and a stand-in for the APIs of SSM and SCF."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.secret_documents import VendorKey
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from liveproof_emulator.keys import new_key
from tests.clouds.tencent.standin import ApiStandIn

NAME, REGION = "team-1250000000", "ap-singapore"


@pytest.fixture
def role(vendor: testing.Running) -> VendorKey:
    """A temporary key, as a function has it."""
    key = vendor.temporary
    return VendorKey(key.secret_id, key.secret_key, key.token)


@pytest.fixture
def bucket(vendor: testing.Running, role: VendorKey) -> CosBucket:
    """The bucket below a path of the emulator."""
    endpoint = f"{vendor.url}/cos/{NAME}.cos.{REGION}.myqcloud.com"
    return CosBucket(NAME, REGION, endpoint, lambda: role)


@pytest.fixture
def standin() -> Iterator[ApiStandIn]:
    with ApiStandIn(new_key(temporary=True)) as running:
        yield running


@pytest.fixture
def api(standin: ApiStandIn) -> TencentApi:
    key = VendorKey(standin.key.secret_id, standin.key.secret_key, standin.key.token)
    return TencentApi(standin.url, REGION, lambda: key)
