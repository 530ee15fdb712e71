"""Thresholds: which one a verification is judged by, and whether a score passes it.

`data/checks.json` has each check's default and largest threshold.
"""

from __future__ import annotations

from liveproof.facts import CheckFacts


def choose_threshold(check: CheckFacts, requested: float | None, of_client: float | None) -> float:
    """The threshold of a new verification: the request's, else the client's, else the default."""
    if requested is not None:
        return requested
    return check.threshold if of_client is None else of_client


def passes(check: CheckFacts, score: float, threshold: float) -> bool:
    """Whether a score passes. A score equal to the threshold does, but for some checks."""
    return score > threshold or (score == threshold and not check.above_threshold_only)
