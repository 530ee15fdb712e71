"""The Terraform files, parsed once; and as Terraform evaluates them, where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.infra.tencent import configuration, evaluated
from tests.infra.tencent.configuration import Configuration


@pytest.fixture(scope="session")
def files() -> Configuration:
    """infra/tencent/*.tf."""
    return configuration.root()


@pytest.fixture(scope="session")
def data() -> dict[str, Any]:
    """functions.json, with its names in braces."""
    return configuration.functions_file()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which variables can be evaluated."""
    if evaluated.TERRAFORM is None:
        pytest.skip(evaluated.NO_TERRAFORM)
    return evaluated.prepare(tmp_path_factory.mktemp("terraform") / "root")


@pytest.fixture(scope="session")
def wiring(prepared: Path) -> dict[str, Any]:
    """What functions.json means with every default."""
    return evaluated.evaluate(prepared)
