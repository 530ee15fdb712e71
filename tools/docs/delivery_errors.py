"""The generated table inside docs/webhooks.md: why an attempt of a webhook got no answer."""

from __future__ import annotations

from liveproof.webhooks.explanation import COST_NO_ATTEMPT, ERRORS
from tools import ROOT
from tools.docs.tables import with_tables


def page() -> str:
    """docs/webhooks.md as it is, with its table written anew."""
    text = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    return with_tables(text, lambda _: _table())


def _table() -> str:
    lines = [
        "| `error`, `last_error` | meaning | what helps | costs an attempt |",
        "|---|---|---|---|",
    ]
    for code, (meaning, advice) in ERRORS.items():
        costs = "no" if code in COST_NO_ATTEMPT else "yes"
        lines.append(f"| `{code}` | {meaning} | {advice} | {costs} |")
    return "\n".join(lines)
