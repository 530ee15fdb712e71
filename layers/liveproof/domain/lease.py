"""Leases: while a function works on a verification, nobody else takes the verification up.

A lease is the verification's `due_at`, moved behind the moment at which the function is stopped.
"""

from __future__ import annotations

LEASE_MARGIN_MS = 5_000
"""A lease outlives its holder's function by this much, so its holder is dead when it ends."""


def lease_until(deadline: int) -> int:
    """When the lease of a function ends that is stopped at `deadline` (both ms since 1970)."""
    return deadline + LEASE_MARGIN_MS
