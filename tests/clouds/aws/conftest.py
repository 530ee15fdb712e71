"""A mocked AWS account for the adapters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from liveproof.clouds.aws.clients import Clients
from tests.support.aws import REGION, account


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of a mocked account in the environment."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example/secret+key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


@pytest.fixture
def clients(credentials: None) -> Iterator[Clients]:
    """Clients of an account that exists in this test only."""
    with account() as made:
        yield made
