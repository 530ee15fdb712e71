"""What a billed call costs: facts as data. `data/prices.json` names the sources."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

_FILE = Path(__file__).parent / "data" / "prices.json"


class _Price(Struct, frozen=True):
    price: float | None
    source: str


class _PricesFile(Struct, frozen=True):
    prices: dict[str, _Price]


@cache
def _listed() -> dict[str, _Price]:
    return msgspec.json.decode(_FILE.read_bytes(), type=_PricesFile).prices


def paid_actions() -> tuple[str, ...]:
    """The actions that decide a check; each call of them may cost money."""
    return tuple(_listed())


def documented_prices() -> dict[str, float]:
    """What a billed call costs, by its action: those whose price a page names."""
    return {action: fact.price for action, fact in _listed().items() if fact.price is not None}


def default_prices() -> dict[str, float]:
    """What a billed call costs, by its action; 0 where no page names a price."""
    return {action: fact.price or 0.0 for action, fact in _listed().items()}
