"""Values that must not turn up, and the search for them."""

from __future__ import annotations

from collections.abc import Mapping


def leaks(secrets: Mapping[str, str], places: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each secret (by its name) and the place whose text holds it."""
    return [
        (what, where)
        for what, value in secrets.items()
        for where, text in places.items()
        if value in text
    ]
