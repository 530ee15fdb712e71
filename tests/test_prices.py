"""The prices of paid calls, as data."""

from liveproof import facts
from liveproof.prices import documented_prices, paid_actions


def test_every_api_that_a_check_pays_for_has_a_price_or_says_that_none_is_documented() -> None:
    paid = {action for check in facts.checks().values() for action in check.apis}
    assert set(paid_actions()) == paid
    assert all(price >= 0 for price in documented_prices().values())
