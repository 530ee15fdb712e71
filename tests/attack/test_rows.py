"""Every attack ends as expected; the slow rows are left to `make attack`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.conftest import GroundOf
from tests.attack.registry import SIDES
from tests.attack.rows import Row, Side, run
from tools.local.cloud import LocalCloud


def _rows(cloud: str | None) -> list[Any]:
    """The rows of a cloud, or those that need none, as parameters with their names."""
    return [
        pytest.param(side, row, id=f"{side.name}: {row.name}")
        for side in SIDES
        if cloud in side.clouds()
        for row in side.rows(cloud)
        if not row.slow
    ]


def _end(side: Side, row: Row, ground: object) -> None:
    outcome = run(row, ground)
    assert outcome.as_expected, f"expected {row.expected}; got {outcome.got}"


@pytest.mark.parametrize(("side", "row"), _rows(None))
def test_an_attack_ends_as_expected(grounds: GroundOf, side: Side, row: Row) -> None:
    _end(side, row, grounds(side, None))


# The cloud is a separate parameter: pytest keeps a session's fixture only then.
@pytest.mark.parametrize("local_cloud", ["aws"], indirect=True)
@pytest.mark.parametrize(("side", "row"), _rows("aws"))
def test_an_attack_on_the_local_aws_ends_as_expected(
    local_cloud: LocalCloud, grounds: GroundOf, side: Side, row: Row
) -> None:
    local_cloud.require_running()
    _end(side, row, grounds(side, local_cloud))


@pytest.mark.parametrize("local_cloud", ["tencent"], indirect=True)
@pytest.mark.parametrize(("side", "row"), _rows("tencent"))
def test_an_attack_on_the_local_tencent_cloud_ends_as_expected(
    local_cloud: LocalCloud, grounds: GroundOf, side: Side, row: Row
) -> None:
    local_cloud.require_running()
    _end(side, row, grounds(side, local_cloud))
