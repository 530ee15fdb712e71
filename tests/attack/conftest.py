"""What the sides stand on, each started once for the rows that one process runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.attack.rows import Side
from tools.local.cloud import LocalCloud

GroundOf = Callable[[Side, LocalCloud | None], Any]


@pytest.fixture(scope="session")
def grounds() -> Iterator[GroundOf]:
    """The ground of a side; on a local cloud, of that cloud."""
    with ExitStack() as stack:
        made: dict[tuple[str, str | None], Any] = {}

        def ground_of(side: Side, cloud: LocalCloud | None) -> Any:
            key = (side.name, None if cloud is None else cloud.name)
            if key not in made:
                made[key] = stack.enter_context(side.ground(cloud))
            return made[key]

        yield ground_of
