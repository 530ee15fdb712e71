"""Fixtures of the use cases' tests."""

from __future__ import annotations

import pytest

from tests.support.deployment import Deployment
from tests.support.evidence import put_evidence_keys


@pytest.fixture
def signing(deployment: Deployment) -> Deployment:
    """A deployment that signs manifests."""
    put_evidence_keys(deployment)
    return deployment
