"""Thresholds: which one a verification is judged by, and whether a score passes it.

`data/checks.json` has each check's default and largest threshold.
"""

from __future__ import annotations

from typing import NamedTuple

from liveproof.facts import CheckFacts


class BelowFloor(ValueError):
    """A request's threshold is lower than its client may have."""


class Threshold(NamedTuple):
    """A threshold, and where it came from: `request`, `client`, `floor` or `check`."""

    value: float
    origin: str


def choose_threshold(
    check: CheckFacts, requested: float | None, of_client: float | None, floor: float
) -> Threshold:
    """The threshold of a new verification: the request's, else the client's, else the default.

    Args:
        floor: the lowest that the client may have; the default is raised to it.

    Raises:
        BelowFloor: the request's is lower.
    """
    if requested is not None:
        if requested < floor:
            raise BelowFloor(f"must be at least {floor:g}, the operator's limit for this client")
        return Threshold(requested, "request")
    if of_client is not None:
        chosen = Threshold(of_client, "client")
    else:
        chosen = Threshold(check.threshold, "check")
    return Threshold(floor, "floor") if floor > chosen.value else chosen


def passes(check: CheckFacts, score: float, threshold: float) -> bool:
    """Whether a score passes. A score equal to the threshold does, but for some checks."""
    return score > threshold or (score == threshold and not check.above_threshold_only)
