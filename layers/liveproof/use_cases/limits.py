"""Limits before money: what a new verification counts for, and what its decision gives back.

Each limited scope (a reference, a client, the deployment) costs one conditional update when a
verification is created; the client's and the deployment's another one after the decision, behind
the request of its delivery. A limit that is not set costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.limits import (
    KEPT_MS,
    MILLION,
    Counts,
    Limit,
    LimitReached,
    Most,
    cost,
    counter_name,
    day_of,
    millionths,
    question_digest,
    rejected_digest,
    seconds_to_tomorrow,
)
from liveproof.domain.reservation import Reservation
from liveproof.domain.verification import Verification
from liveproof.observability import Event, Measure, Metric
from liveproof.settings import Settings
from liveproof.use_cases.errors import (
    FilesRejected,
    RetryLater,
    SpendLimitReached,
    TooManyAttempts,
    TooManyOpen,
)
from liveproof.use_cases.retention import kept_until

_OPEN_RETRY_SECONDS = 30
_HOUR_MS = 60 * 60 * 1000


@dataclass(frozen=True)
class _Scope:
    """Whose counter it is, what a verification adds to it, and what it may reach."""

    name: str
    counter: str
    reserved: Counts
    most: Most

    @property
    def is_limited(self) -> bool:
        return any(limit is not None for limit in self.most)


def reserve(dependencies: Dependencies, verification: Verification) -> Verification:
    """Count a verification that is about to be created.

    Returns:
        The verification with what it holds.

    Raises:
        RetryLater: a limit is reached, or its files were rejected lately. Nothing is counted.
        Exception: the store's. The counter that could not be reached may have counted.
    """
    _refuse_rejected_files(dependencies, verification)
    scopes = _scopes(dependencies, verification)
    counted: list[_Scope] = []
    try:
        for scope in scopes:
            if scope.is_limited:
                _take(dependencies, verification, scope)
                counted.append(scope)
    except Exception:  # a limit that is reached, or a store that fails
        for scope in counted:
            _give_back(dependencies, verification, scope.counter, scope.reserved)
        raise
    names = {scope.name for scope in counted} & {"client", "deployment"}
    if not names:
        return verification
    reservation = Reservation(
        client="client" in names,
        deployment="deployment" in names,
        spend=_highest_cost(dependencies, verification),
    )
    return replace(verification, reservation=reservation)


def give_up(dependencies: Dependencies, verification: Verification) -> None:
    """Give back everything that `reserve` counted: the verification was not created."""
    for scope in _scopes(dependencies, verification):
        if scope.is_limited:
            _give_back(dependencies, verification, scope.counter, scope.reserved)


def settle(dependencies: Dependencies, verification: Verification) -> None:
    """After a decision: no longer open, what was spent instead of what was reserved.

    Raises nothing. Whoever saved the decision calls this once.
    """
    _remember_rejection(dependencies, verification)
    spent = cost(verification, dependencies.settings.prices)
    if spent:
        observability.measure(Measure.SPEND, spent / MILLION, check=verification.check)
    reservation = verification.reservation
    if reservation is None:
        return
    unspent = reservation.spend - spent
    if reservation.client:
        counter = _client_counter(verification)
        _give_back(dependencies, verification, counter, Counts(open=1, spend=unspent))
    if reservation.deployment and unspent:
        counter = _deployment_counter(verification)
        _give_back(dependencies, verification, counter, Counts(spend=unspent))


def _refuse_rejected_files(dependencies: Dependencies, verification: Verification) -> None:
    if not dependencies.settings.rejected_files_hours:
        return
    digest = question_digest(verification)
    if digest is None:
        return
    now = verification.created_at
    until = dependencies.limits.remembered_until(digest, now)
    if until is None:
        return
    observability.record(Event.FILES_REFUSED, client=verification.client)
    observability.count(Metric.LIMIT_REACHED)
    raise FilesRejected(
        "the same files were rejected for this reference, and would be again",
        "inputs",
        retry_after=-(-(until - now) // 1000),
    )


def _remember_rejection(dependencies: Dependencies, verification: Verification) -> None:
    settings, verdict = dependencies.settings, verification.verdict
    digest = rejected_digest(verification)
    if not settings.rejected_files_hours or digest is None or verdict is None:
        return
    until = min(
        verdict.decided_at + settings.rejected_files_hours * _HOUR_MS,
        kept_until(dependencies, verification),
    )
    try:
        dependencies.limits.remember(digest, until)
    except Exception as error:  # noqa: BLE001 - the decision is what counts
        observability.record_failure(Event.RESERVATION_KEPT, error, verification=verification.id)


def _scopes(dependencies: Dependencies, verification: Verification) -> list[_Scope]:
    """Everything that may be limited, the narrowest first."""
    settings = dependencies.settings
    spend = _highest_cost(dependencies, verification)
    scopes = [
        _Scope(
            "client",
            _client_counter(verification),
            Counts(1, 1, spend),
            Most(
                settings.attempts_per_client_per_day or None,
                settings.open_verifications_per_client or None,
                millionths(settings.daily_spend_per_client) or None,
            ),
        ),
        _Scope(
            "deployment",
            _deployment_counter(verification),
            Counts(spend=spend),
            Most(spend=millionths(settings.daily_spend) or None),
        ),
    ]
    reference = verification.reference
    if reference is not None:
        day = day_of(verification.created_at)
        counter = counter_name(day, verification.client, reference)
        most = Most(settings.attempts_per_reference_per_day or None)
        scopes.insert(0, _Scope("reference", counter, Counts(attempts=1), most))
    return scopes


def _client_counter(verification: Verification) -> str:
    return counter_name(day_of(verification.created_at), verification.client)


def _deployment_counter(verification: Verification) -> str:
    return counter_name(day_of(verification.created_at))


def _highest_cost(dependencies: Dependencies, verification: Verification) -> int:
    """What the calls of a verification cost at most: one, and one more by the policy."""
    settings = dependencies.settings
    price = settings.prices[dependencies.checks[verification.check].api.action]
    return millionths(price) * (2 if settings.unknown_outcome == "repeat_once" else 1)


def _take(dependencies: Dependencies, verification: Verification, scope: _Scope) -> None:
    now = verification.created_at
    keep_until = now + KEPT_MS
    try:
        after = dependencies.limits.take(scope.counter, scope.reserved, scope.most, keep_until)
    except LimitReached as reached:
        observability.record(
            Event.LIMIT_REACHED,
            client=verification.client,
            scope=scope.name,
            limit=reached.limit.value,
        )
        is_spend = reached.limit is Limit.SPEND
        observability.count(Metric.SPEND_LIMIT_REACHED if is_spend else Metric.LIMIT_REACHED)
        raise _refusal(dependencies.settings, scope, reached.limit, now) from None
    _warn(dependencies.settings, verification, scope, after)


def _refusal(settings: Settings, scope: _Scope, limit: Limit, now: int) -> RetryLater:
    tomorrow = seconds_to_tomorrow(now)
    if limit is Limit.OPEN:
        most = settings.open_verifications_per_client
        return TooManyOpen(
            f"at most {most} verifications of yours may be undecided",
            retry_after=_OPEN_RETRY_SECONDS,
        )
    if limit is Limit.SPEND:
        whose = "your" if scope.name == "client" else "the deployment's"
        return SpendLimitReached(f"{whose} money of the day is spent", retry_after=tomorrow)
    if scope.name == "reference":
        most = settings.attempts_per_reference_per_day
        detail = f"at most {most} verifications a day may be created for one reference"
        return TooManyAttempts(detail, "reference", retry_after=tomorrow)
    most = settings.attempts_per_client_per_day
    return TooManyAttempts(
        f"you may create at most {most} verifications a day", retry_after=tomorrow
    )


def _warn(settings: Settings, verification: Verification, scope: _Scope, after: Counts) -> None:
    """Log and count the verification that brings the money to the warning level."""
    if scope.most.spend is None:
        return
    level = scope.most.spend * settings.spend_warning_percent // 100
    if after.spend - scope.reserved.spend < level <= after.spend:
        client = verification.client if scope.name == "client" else None
        observability.record(
            Event.SPEND_WARNING,
            scope=scope.name,
            client=client,
            percent=100 * after.spend // scope.most.spend,
        )
        observability.count(Metric.SPEND_WARNING)


def _give_back(
    dependencies: Dependencies, verification: Verification, counter: str, back: Counts
) -> None:
    try:
        dependencies.limits.give_back(counter, back)
    except Exception as error:  # noqa: BLE001 - too high a counter is safe, a lost decision is not
        observability.record_failure(Event.RESERVATION_KEPT, error, verification=verification.id)
