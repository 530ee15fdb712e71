"""The vendor emulator for tests: fixtures of every suite, loaded by tests/conftest.py."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from liveproof_emulator import testing
from liveproof_emulator.catalogue import Catalogue

# Far above what a test reaches, so that no test waits for the vendor's rate limits.
_CALLS_PER_SECOND = dict.fromkeys(Catalogue().actions, 1000)


def start_without_limits() -> testing.Running:
    """An emulator whose rate limits nobody reaches."""
    return testing.start(calls_per_second=_CALLS_PER_SECOND)


@pytest.fixture(scope="session")
def shared_vendor() -> Iterator[testing.Running]:
    """One emulator for all tests of this process."""
    with start_without_limits() as vendor:
        yield vendor


@pytest.fixture
def vendor(shared_vendor: testing.Running) -> testing.Running:
    """The emulator, reset."""
    shared_vendor.reset()
    return shared_vendor


def vendor_secrets(vendor: testing.Running) -> dict[str, bytes]:
    """The emulator's keys as the secrets of a deployment, by name."""
    tencent = {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key}
    senseid = {"key": vendor.cipher.key, "iv": vendor.cipher.iv}
    return {
        "vendor-key": json.dumps(tencent).encode(),
        "senseid-key": json.dumps(senseid).encode(),
    }
