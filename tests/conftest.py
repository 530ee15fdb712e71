"""Fixtures of all tests."""

from __future__ import annotations

import os

# powertools reads these when liveproof.observability is imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "liveproof")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "liveproof")

import pytest

from liveproof.use_cases import deliver_result
from tests.support.deployment import Deployment


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A deployment in memory, its webhooks sent to `deployment.endpoint`."""
    made = Deployment()
    monkeypatch.setattr(deliver_result, "send", made.endpoint.send)
    return made


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The same with LIVEPROOF_UNKNOWN_OUTCOME=hold."""
    made = Deployment(unknown_outcome="hold")
    monkeypatch.setattr(deliver_result, "send", made.endpoint.send)
    return made
