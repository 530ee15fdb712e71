"""The generated table inside docs/evidence.md: the signals."""

from __future__ import annotations

from liveproof.domain.signals import MEANINGS
from tools import ROOT
from tools.docs.tables import with_tables


def page() -> str:
    """docs/evidence.md as it is, with its table written anew."""
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    return with_tables(text, lambda _: _table())


def _table() -> str:
    rows = [f"| `{signal.value}` | {meaning} |" for signal, meaning in MEANINGS.items()]
    return "\n".join(["| signal | means |", "|---|---|", *rows])
