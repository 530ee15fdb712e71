"""Saving a change of a decided verification although a late upload was counted meanwhile."""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.dependencies import Dependencies
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict

_SAVE_TRIES = 10


def save_over_signals(
    dependencies: Dependencies, before: Verification, after: Verification
) -> Verification:
    """Save `after`, which was made of `before`.

    Whoever uploads after the decision may cause a signal to be saved at any time. It must not make
    a step lose its work, such as the hash of a manifest that was stored.

    Raises:
        Conflict: something else than the signals has changed, or these change again and again.
    """
    for left in reversed(range(_SAVE_TRIES)):
        try:
            return dependencies.records.save(after)
        except Conflict:
            stored = dependencies.records.load(before.id)
            if left == 0 or stored is None or stored == before:
                raise
            if not _differ_in_signals(stored, before):
                raise
            before = stored
            after = replace(after, version=stored.version, signals=stored.signals)
    raise AssertionError("the last try returns or raises")


def _differ_in_signals(stored: Verification, before: Verification) -> bool:
    return replace(stored, version=before.version, signals=before.signals) == before
