"""Limits before money: refused before anything is created, given back when it is decided."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof import observability
from liveproof.domain.limits import Counts
from liveproof.domain.next_move import HOLD_MS
from liveproof.domain.requests import CreateVerification
from liveproof.domain.verification import Decision, Verification
from liveproof.observability import Event, Metric
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.erase import erase
from liveproof.use_cases.errors import (
    FilesRejected,
    RetryLater,
    SpendLimitReached,
    TooManyAttempts,
    TooManyOpen,
)
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.verify_upload import uploads_due
from tests.support.checks import answer
from tests.support.crash_points import Failed
from tests.support.deployment import CLIENT, FILES, Deployment, declared

ACTION = "DetectReflectLivenessAndCompare"
PRICES = {ACTION: 0.25}
DAY_SECONDS = 86_400


def create(
    deployment: Deployment, client: str = CLIENT, key: str | None = None, **changes: Any
) -> Verification:
    request = CreateVerification(check="reflect", inputs=declared(FILES), **changes)
    verification, _ = create_verification(
        deployment.dependencies, client, ApiClient(("0" * 64,)), request, key
    )
    return verification


def refused(deployment: Deployment, kind: type[RetryLater], **arguments: Any) -> RetryLater:
    """The refusal of a verification, of which nothing may be left."""
    stored, counters = len(deployment.records.stored), dict(deployment.limits.counters)
    with pytest.raises(kind) as error:
        create(deployment, **arguments)
    assert len(deployment.records.stored) == stored
    assert {name: one for name, one in deployment.limits.counters.items() if one != Counts()} == {
        name: one for name, one in counters.items() if one != Counts()
    }
    return error.value


def test_without_limits_the_store_is_not_asked() -> None:
    deployment = Deployment()
    verification = deployment.ready(reference="order-1")
    deployment.run_check(verification)
    assert deployment.limits.counters == {}
    assert deployment.limits.digests == {}


def test_a_counter_is_kept_until_the_slowest_verification_of_its_day_has_ended() -> None:
    """Uploads may take a day, and an operator's release another. What ends later gives back to a
    counter that is gone, and what is kept longer counts for nobody."""
    deployment = Deployment(attempts_per_reference_per_day=2)
    verification = create(deployment, reference="order-1", expires_in=DAY_SECONDS)

    (kept_until,) = deployment.limits.kept_until.values()
    assert kept_until == verification.expires_at + HOLD_MS


def test_a_reference_has_so_many_attempts_a_day() -> None:
    deployment = Deployment(attempts_per_reference_per_day=2)
    for _ in range(2):
        create(deployment, reference="order-1")
    error = refused(deployment, TooManyAttempts, reference="order-1")
    assert error.field == "reference"
    assert 0 < error.retry_after <= DAY_SECONDS
    create(deployment, reference="order-2")
    create(deployment, client="bank", reference="order-1")
    create(deployment)
    deployment.clock.advance(error.retry_after * 1000)
    create(deployment, reference="order-1")


def test_a_client_has_so_many_attempts_a_day() -> None:
    deployment = Deployment(attempts_per_client_per_day=1)
    create(deployment)
    assert refused(deployment, TooManyAttempts).field is None
    create(deployment, client="bank")


def test_a_decided_verification_is_no_longer_open() -> None:
    deployment = Deployment(open_verifications_per_client=1)
    verification = deployment.ready()
    assert refused(deployment, TooManyOpen).retry_after == 30
    deployment.run_check(verification)
    create(deployment)


def test_a_limit_of_the_deployment_gives_back_the_counts_of_the_narrower_ones() -> None:
    deployment = Deployment(
        attempts_per_reference_per_day=5,
        attempts_per_client_per_day=5,
        daily_spend=0.5,
        prices=PRICES,
    )
    create(deployment, reference="order-1")
    error = refused(deployment, SpendLimitReached, client="bank", reference="order-1")
    assert "the deployment's money" in error.detail


@pytest.mark.parametrize(
    ("policy", "spend", "fits"),
    [("repeat_once", 0.5, 1), ("hold", 0.5, 2), ("repeat_once", 0.4, 0)],
)
def test_the_highest_cost_of_a_verification_is_reserved_at_its_creation(
    policy: str, spend: float, fits: int
) -> None:
    deployment = Deployment(unknown_outcome=policy, daily_spend_per_client=spend, prices=PRICES)
    for _ in range(fits):
        create(deployment)
    assert "your money" in refused(deployment, SpendLimitReached).detail
    if fits:
        create(deployment, client="bank")


def test_the_decision_gives_back_the_unspent_amount() -> None:
    deployment = Deployment(daily_spend=0.75, daily_spend_per_client=0.75, prices=PRICES)
    billed = deployment.ready()
    deployment.run_check(billed)
    assert set(deployment.limits.counters.values()) == {
        Counts(1, 0, 250_000), Counts(spend=250_000)
    }  # fmt: skip
    deployment.run_check(deployment.ready())
    refused(deployment, SpendLimitReached)


def test_a_verification_that_expires_has_spent_nothing() -> None:
    deployment = Deployment(daily_spend=0.5, prices=PRICES)
    verification = create(deployment)
    refused(deployment, SpendLimitReached)
    deployment.clock.advance(901_000)
    uploads_due(deployment.dependencies, verification.id, deployment.clock.now() + 60_000)
    create(deployment)


def test_an_erased_verification_is_no_longer_open_and_has_spent_nothing() -> None:
    deployment = Deployment(open_verifications_per_client=1, daily_spend=0.5, prices=PRICES)
    verification = create(deployment)
    refused(deployment, TooManyOpen)
    request_erasure(deployment.dependencies, CLIENT, verification.id)
    erase(deployment.dependencies, verification.id, deployment.clock.now() + 60_000)
    create(deployment)


def test_the_warning_and_the_refusal_are_logged_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[Metric] = []
    lines: list[tuple[Event, dict[str, Any]]] = []
    monkeypatch.setattr(observability, "count", counted.append)
    monkeypatch.setattr(
        observability, "record", lambda event, **fields: lines.append((event, fields))
    )
    deployment = Deployment(daily_spend=2.0, spend_warning_percent=50, prices=PRICES)
    for _ in range(4):
        create(deployment)
    refused(deployment, SpendLimitReached)

    assert counted == [Metric.SPEND_WARNING, Metric.SPEND_LIMIT_REACHED]
    warning, reached = [
        fields for event, fields in lines if event is not Event.VERIFICATION_CREATED
    ]
    assert warning == {"scope": "deployment", "client": None, "percent": 50}
    assert reached == {"client": CLIENT, "scope": "deployment", "limit": "spend"}


@pytest.mark.parametrize("name", ["attempts_per_client_per_day", "open_verifications_per_client"])
def test_the_alarm_for_spent_money_is_of_no_other_limit(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    deployment = Deployment(**{name: 1})
    create(deployment)

    refused(deployment, RetryLater)

    assert counted == [Metric.LIMIT_REACHED]


def test_a_repeated_request_gets_its_verification_although_the_limit_is_reached() -> None:
    deployment = Deployment(attempts_per_client_per_day=1)
    first = create(deployment, key="key-1")
    assert create(deployment, key="key-1").id == first.id
    refused(deployment, TooManyAttempts, key="key-2")


def test_a_repeated_request_counts_once() -> None:
    deployment = Deployment(attempts_per_client_per_day=2)
    for _ in range(3):
        create(deployment, key="key-1")
    assert list(deployment.limits.counters.values()) == [Counts(1, 1, 0)]


def test_a_request_that_lost_against_another_counts_nothing() -> None:
    deployment = Deployment(attempts_per_client_per_day=1)
    deployment.records.conflicts_to_come = 1
    with pytest.raises(Exception, match="is being served"):
        create(deployment, key="key-1")
    create(deployment, key="key-1")


def test_a_counter_that_fails_costs_no_decision() -> None:
    deployment = Deployment(open_verifications_per_client=5)
    verification = deployment.ready()

    def fail(counter: str, back: Counts) -> None:
        raise ConnectionError

    deployment.limits.give_back = fail  # type: ignore[method-assign]
    assert deployment.run_check(verification).verdict is not None


class TestRejectedFiles:
    """The same files are not judged again, for a time."""

    @pytest.fixture
    def deployment(self) -> Deployment:
        return Deployment(rejected_files_hours=2)

    def decide(self, deployment: Deployment, decision: Decision) -> Verification:
        deployment.check.script = [answer(similarity=99 if decision is Decision.PASSED else 1.0)]
        verification = deployment.ready(reference="order-1")
        return deployment.run_check(verification)

    def test_they_are_refused_before_anything_is_uploaded(self, deployment: Deployment) -> None:
        self.decide(deployment, Decision.REJECTED)
        error = refused(deployment, FilesRejected, reference="order-1")
        assert error.field == "inputs"
        assert error.retry_after == 7200
        create(deployment, reference="order-2")
        create(deployment)
        deployment.clock.advance(7_200_000)
        create(deployment, reference="order-1")

    def test_files_that_passed_may_come_again(self, deployment: Deployment) -> None:
        self.decide(deployment, Decision.PASSED)
        create(deployment, reference="order-1")

    def test_an_erased_verification_leaves_no_digest(self, deployment: Deployment) -> None:
        rejected = self.decide(deployment, Decision.REJECTED)
        dependencies = deployment.dependencies
        request_erasure(dependencies, CLIENT, rejected.id)
        erase(dependencies, rejected.id, deployment.clock.now() + 60_000)
        assert deployment.limits.digests == {}

    def test_a_digest_that_is_remembered_after_the_erasure_is_forgotten_by_its_last_look(
        self, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The client saw the decision and erased it before `run_check` came to its last line."""
        remember = deployment.limits.remember
        erased: list[str] = []

        def late(digest: str, until: int) -> None:
            (decided,) = deployment.records.all()
            request_erasure(deployment.dependencies, CLIENT, decided.id)
            erase(deployment.dependencies, decided.id, deployment.clock.now() + 60_000)
            erased.append(digest)
            remember(digest, until)

        monkeypatch.setattr(deployment.limits, "remember", late)
        rejected = self.decide(deployment, Decision.REJECTED)
        assert list(deployment.limits.digests) == erased

        deployment.settle()

        assert deployment.limits.digests == {}
        erasure = deployment.load(rejected.id).erasure
        assert erasure is not None
        assert erasure.digest is None

    def test_a_digest_does_not_outlive_the_record(self) -> None:
        deployment = Deployment(rejected_files_hours=8_760, record_retention_days=1)
        rejected = self.decide(deployment, Decision.REJECTED)
        assert list(deployment.limits.digests.values()) == [
            rejected.created_at + DAY_SECONDS * 1000
        ]


def test_a_store_that_fails_at_a_later_counter_gets_back_what_the_earlier_ones_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each such request left a verification open that nobody could ever close."""
    deployment = Deployment(open_verifications_per_client=5, daily_spend=100.0, prices=PRICES)
    take, counters = deployment.limits.take, []

    def fail_at_second(counter: str, *rest: Any) -> Counts:
        counters.append(counter)
        if len(counters) == 2:
            raise Failed
        return take(counter, *rest)

    monkeypatch.setattr(deployment.limits, "take", fail_at_second)
    with pytest.raises(Failed):
        create(deployment)

    assert deployment.limits.counters == {counters[0]: Counts()}
