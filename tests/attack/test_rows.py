"""Every attack ends as expected; the slow rows are left to `make attack`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.cloud import LocalCloud
from tests.attack.conftest import GroundOf
from tests.attack.registry import SIDES
from tests.attack.rows import Row, Side, run


def _rows(*, on_clouds: bool) -> Iterator[object]:
    for side in SIDES:
        if side.on_clouds is not on_clouds:
            continue
        for cloud in side.clouds():
            for row in side.rows(cloud):
                if row.slow:
                    continue
                name = f"{side.name}: {row.name}"
                values = (side, row) if cloud is None else (cloud, side, row)
                yield pytest.param(*values, id=name if cloud is None else f"{cloud}-{name}")


def _end(side: Side, row: Row, ground: object) -> None:
    outcome = run(row, ground)
    assert outcome.as_expected, f"expected {row.expected}; got {outcome.got}"


@pytest.mark.parametrize(("side", "row"), list(_rows(on_clouds=False)))
def test_an_attack_ends_as_expected(grounds: GroundOf, side: Side, row: Row) -> None:
    _end(side, row, grounds(side, None))


@pytest.mark.parametrize(
    ("local_cloud", "side", "row"), list(_rows(on_clouds=True)), indirect=["local_cloud"]
)
def test_an_attack_on_a_local_cloud_ends_as_expected(
    local_cloud: LocalCloud, grounds: GroundOf, side: Side, row: Row
) -> None:
    local_cloud.require_running()
    _end(side, row, grounds(side, local_cloud))
