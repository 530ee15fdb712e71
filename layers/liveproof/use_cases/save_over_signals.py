"""Saving a change of a decided verification although a late upload was counted meanwhile."""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.dependencies import Dependencies
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict


def save_over_signals(
    dependencies: Dependencies, before: Verification, after: Verification
) -> Verification:
    """Save `after`, which was made of `before`.

    Whoever uploads after the decision may cause a signal to be saved at any time. It must not make
    a step lose its work, such as the record of a webhook that was sent.

    Raises:
        Conflict: something else than the signals has changed.
    """
    try:
        return dependencies.records.save(after)
    except Conflict:
        stored = dependencies.records.load(before.id)
        if stored is None or stored == before or not _differ_in_signals(stored, before):
            raise
        return dependencies.records.save(
            replace(after, version=stored.version, signals=stored.signals)
        )


def _differ_in_signals(stored: Verification, before: Verification) -> bool:
    return replace(stored, version=before.version, signals=before.signals) == before
