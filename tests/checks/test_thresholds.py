"""Which threshold a verification is judged by, and which scores pass it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof import facts
from liveproof.checks.thresholds import choose_threshold, passes

REFLECT = facts.checks()["reflect"]


@pytest.mark.parametrize(
    ("requested", "of_client", "chosen"),
    [
        (80.0, 90.0, 80.0),
        (0.0, 90.0, 0.0),
        (None, 90.0, 90.0),
        (None, 0.0, 0.0),
        (None, None, REFLECT.threshold),
    ],
)
def test_the_request_comes_before_the_client_and_the_client_before_the_default(
    requested: float | None, of_client: float | None, chosen: float
) -> None:
    assert choose_threshold(REFLECT, requested, of_client) == chosen


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
