"""What the probes may cost at most. A call that could pass the budget is not made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from liveproof.prices import documented_prices

CALLS = 2
"""An unknown outcome may be repeated once: `unknownOutcome` in docs/settings.md."""

FREE_CHECKS = ("silent",)
"""Checks of a service that is licensed and not billed by the call: data/prices.json."""


class TooExpensive(Exception):
    """A call is not made: the text says why, and what to do."""


class Budget:
    """Reserves before a verification what its calls may cost, and settles afterwards."""

    def __init__(
        self, limit: float, price: float | None, agree: Callable[[str], bool] | None = None
    ) -> None:
        """A budget in the currency of `price`.

        Args:
            limit: what all calls together may cost.
            price: of a billed call, by the user's contract; None: not said.
            agree: asks the user before the first billed call; None: it need not be asked.
        """
        self.limit, self._price, self._agree = limit, price, agree
        self.spent = 0.0
        self._agreed = agree is None

    def price_of(self, check: str) -> float:
        """What one call of a check costs. Raises TooExpensive if nobody has said it."""
        if check in FREE_CHECKS:
            return 0.0
        if self._price is not None:
            return self._price
        prices = documented_prices()
        raise TooExpensive(
            "what a call costs is not documented; say PRICE=, the highest price of a call by your"
            f" contract ({len(prices)} of the APIs have a documented one)"
        )

    def reserve(self, check: str) -> None:
        """Raises TooExpensive if the calls of one verification might pass the budget."""
        most = CALLS * self.price_of(check)
        if self.spent + most > self.limit:
            raise TooExpensive(
                f"a verification may cost {most:g}, and {self.limit - self.spent:g} of the budget"
                f" of {self.limit:g} are left"
            )
        if most and not self._agreed and self._agree is not None:
            if not self._agree(f"The next call is billed: at most {most:g} of {self.limit:g}."):
                raise TooExpensive("you said no")
            self._agreed = True

    def settle(self, check: str, calls: Iterable[Mapping[str, Any]]) -> None:
        """Counts what the calls of a verification cost; one that may be billed counts as billed."""
        billed = sum(call["billable"] != "no" for call in calls)
        self.spent += billed * self.price_of(check)
