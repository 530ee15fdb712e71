"""No call is made that could pass the budget, and none without the user's word."""

from __future__ import annotations

import pytest

from tools.verify_deployment.budget import Budget, TooExpensive

BILLED = {"billable": "yes"}
FREE = {"billable": "no"}


def test_the_last_call_that_fits_is_made_and_the_next_is_not() -> None:
    budget = Budget(limit=2.0, price=0.5)
    budget.reserve("photo")
    budget.settle("photo", [BILLED, {"billable": "unknown"}, FREE])
    assert budget.spent == 1.0
    budget.reserve("photo")
    budget.settle("photo", [BILLED])
    with pytest.raises(TooExpensive, match=r"may cost 1, and 0\.5 of the budget of 2 are left"):
        budget.reserve("photo")
    assert budget.spent == 1.5


def test_without_a_budget_nothing_is_billed() -> None:
    with pytest.raises(TooExpensive, match="may cost"):
        Budget(limit=0.0, price=0.01).reserve("reflect")


def test_a_price_that_nobody_has_said_stops_the_call() -> None:
    with pytest.raises(TooExpensive, match="PRICE="):
        Budget(limit=100.0, price=None).reserve("video")


def test_a_licensed_check_costs_nothing() -> None:
    budget = Budget(limit=0.0, price=None, agree=lambda question: False)
    budget.reserve("silent")
    budget.settle("silent", [FREE])
    assert budget.spent == 0.0


def test_the_user_is_asked_once_before_the_first_billed_call() -> None:
    questions: list[str] = []

    def agree(question: str) -> bool:
        questions.append(question)
        return len(questions) > 1

    budget = Budget(limit=10.0, price=1.0, agree=agree)
    with pytest.raises(TooExpensive, match="you said no"):
        budget.reserve("photo")
    budget.reserve("photo")
    budget.reserve("video")
    assert questions == ["The next call is billed: at most 2 of 10."] * 2
