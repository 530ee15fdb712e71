"""Which threshold a verification is judged by, and which scores pass it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof import facts
from liveproof.checks.thresholds import BelowFloor, choose_threshold, passes

REFLECT = facts.checks()["reflect"]


@pytest.mark.parametrize(
    ("requested", "of_client", "chosen"),
    [
        (80.0, 90.0, (80.0, "request")),
        (0.0, 90.0, (0.0, "request")),
        (None, 90.0, (90.0, "client")),
        (None, 0.0, (0.0, "client")),
        (None, None, (REFLECT.threshold, "check")),
    ],
)
def test_the_request_comes_before_the_client_and_the_client_before_the_default(
    requested: float | None, of_client: float | None, chosen: tuple[float, str]
) -> None:
    assert choose_threshold(REFLECT, requested, of_client, floor=0) == chosen


@pytest.mark.parametrize(
    ("requested", "of_client", "chosen"),
    [
        (85.0, None, (85.0, "request")),
        (90.0, 95.0, (90.0, "request")),
        (None, 95.0, (95.0, "client")),
        (None, 85.0, (85.0, "client")),
        (None, 84.9, (85.0, "floor")),
        (None, None, (85.0, "floor")),
    ],
)
def test_none_is_below_the_clients_floor(
    requested: float | None, of_client: float | None, chosen: tuple[float, str]
) -> None:
    assert REFLECT.threshold < 85
    assert choose_threshold(REFLECT, requested, of_client, floor=85) == chosen


@pytest.mark.parametrize("requested", [84.999, 70.0, 0.0])
def test_a_request_below_the_floor_is_refused_with_the_limit(requested: float) -> None:
    with pytest.raises(BelowFloor, match="at least 85, the operator's limit"):
        choose_threshold(REFLECT, requested, 95.0, floor=85)


@pytest.mark.parametrize(
    ("above_only", "score", "passed"),
    [
        (False, 69.999, False),
        (False, 70.0, True),
        (False, 70.001, True),
        (True, 69.999, False),
        (True, 70.0, False),
        (True, 70.001, True),
    ],
)
def test_a_score_that_equals_the_threshold_passes_unless_it_must_be_above(
    above_only: bool, score: float, passed: bool
) -> None:
    check = replace(REFLECT, above_threshold_only=above_only)

    assert passes(check, score, 70.0) is passed
