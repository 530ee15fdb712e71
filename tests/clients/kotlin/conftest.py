"""One JVM for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.kotlin.driver import Driver, running


@pytest.fixture(scope="session")
def kotlin() -> Iterator[Driver]:
    with running() as driver:
        yield driver
