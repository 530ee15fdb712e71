"""MiniStack as the local cloud starts it, with nothing deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.local.aws import ministack


@pytest.fixture(scope="package")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ministack.LocalAws]:
    log = tmp_path_factory.mktemp("ministack") / "ministack.log"
    with ministack.run_ministack("ap-southeast-1", log) as running:
        yield running
