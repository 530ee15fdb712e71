"""The counters of limits: their order, their lifetime, their warnings, and what they get back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from liveproof import observability
from liveproof.domain.limits import KEPT_MS, Counts, Most
from liveproof.observability import Event
from liveproof.use_cases.errors import SpendLimitReached, TooManyAttempts
from tests.support.checks import answer
from tests.support.crash_points import Failed
from tests.support.deployment import CLIENT, Deployment, settings, verdict_code

PRICES = {"DetectReflectLivenessAndCompare": 0.25}


def test_of_limits_that_are_reached_together_the_narrowest_is_named() -> None:
    """The client can do something about its reference, and nothing about its own day."""
    deployment = Deployment(attempts_per_reference_per_day=1, attempts_per_client_per_day=1)
    deployment.create(reference="order-1")

    with pytest.raises(TooManyAttempts) as error:
        deployment.create(reference="order-1")

    assert error.value.field == "reference"


def test_a_counter_is_kept_for_a_time_from_the_creation_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter that the store deletes before its day is over is a limit that is none."""
    deployment = Deployment(attempts_per_client_per_day=5)
    kept: list[int] = []
    take = deployment.limits.take

    def look(counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        kept.append(keep_until)
        return take(counter, added, most, keep_until)

    monkeypatch.setattr(deployment.limits, "take", look)
    entry = deployment.create()

    assert kept == [entry.created_at + KEPT_MS]


@pytest.mark.parametrize(
    ("limit", "scope", "client"),
    [("daily_spend", "deployment", None), ("daily_spend_per_client", "client", CLIENT)],
)
def test_the_warning_names_the_client_whose_money_it_is(
    monkeypatch: pytest.MonkeyPatch, limit: str, scope: str, client: str | None
) -> None:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(
        observability,
        "record",
        lambda event, **fields: lines.append(fields) if event is Event.SPEND_WARNING else None,
    )
    Deployment(**{limit: 1.0}, spend_warning_percent=50, prices=PRICES).create()

    assert lines == [{"scope": scope, "client": client, "percent": 50}]


def test_a_store_that_remembers_no_rejection_costs_no_decision() -> None:
    deployment = Deployment(rejected_files_hours=2)
    deployment.check.script = [answer(similarity=1.0)]
    entry = deployment.ready(reference="order-1")
    deployment.crash_points.arm("before limits.remember", by=Failed)

    assert verdict_code(deployment.run_check(entry))[0].value == "rejected"
    assert "before limits.remember" in deployment.crash_points.moments


@pytest.mark.parametrize(("policy", "writes"), [("repeat_once", 1), ("hold", 0)])
def test_a_decision_that_spent_what_was_reserved_costs_no_write(policy: str, writes: int) -> None:
    deployment = Deployment(unknown_outcome=policy, daily_spend=0.75, prices=PRICES)
    entry = deployment.ready()
    deployment.crash_points.arm()

    deployment.run_check(entry)

    assert deployment.crash_points.moments.count("before limits.give_back") == writes


@pytest.mark.parametrize(
    ("limited", "name"),
    [("daily_spend_per_client", "daily_spend"), ("daily_spend", "daily_spend_per_client")],
)
def test_a_decision_gives_nothing_back_to_a_limit_that_was_set_after_its_creation(
    limited: str, name: str
) -> None:
    """The limit would let more money be spent than it says."""
    deployment = Deployment(**{limited: 2.0}, prices=PRICES)
    earlier = deployment.ready()
    deployment.dependencies = replace(
        deployment.dependencies, settings=settings(**{name: 0.75}, prices=PRICES)
    )
    deployment.create()

    deployment.run_check(earlier)

    with pytest.raises(SpendLimitReached):
        deployment.create()


@pytest.mark.parametrize(
    ("daily_spend", "percents", "warnings"),
    [(1.0, 80, [100]), (1.01, 100, []), (1.5, 50, [66]), (2.0, 51, [])],
)
def test_the_first_verification_that_reaches_the_level_warns_with_the_part_that_is_spent(
    monkeypatch: pytest.MonkeyPatch, daily_spend: float, percents: int, warnings: list[int]
) -> None:
    found: list[object] = []

    def record(event: Event, **fields: object) -> None:
        if event is Event.SPEND_WARNING:
            found.append(fields["percent"])

    monkeypatch.setattr(observability, "record", record)
    deployment = Deployment(daily_spend=daily_spend, spend_warning_percent=percents, prices=PRICES)
    for _ in range(2):  # each reserves 0.5
        deployment.create()

    assert found == warnings


@pytest.mark.parametrize(("hours", "similarity"), [(0, 1.0), (2, 99)])
def test_only_rejected_files_are_remembered_and_only_where_a_setting_says_so(
    hours: int, similarity: float
) -> None:
    deployment = Deployment(rejected_files_hours=hours)
    deployment.check.script = [answer(similarity=similarity)]
    entry = deployment.ready(reference="order-1")
    deployment.crash_points.arm()

    deployment.run_check(entry)

    assert "before limits.remember" not in deployment.crash_points.moments
