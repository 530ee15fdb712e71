"""Sending decisions again: a new delivery of the same message, of one or of a range."""

from __future__ import annotations

from contextlib import suppress

import pytest

from liveproof import facts
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.delivery_transitions import attempt_recorded
from liveproof.domain.filter import Filter
from liveproof.domain.states import Status
from liveproof.domain.verification import Attempt, DeliveryState, Verification
from liveproof.use_cases.errors import InvalidRequest, InvalidState, NotFound, TooSoon
from liveproof.use_cases.resend_result import PAUSE_MS, Part, resend_part, resend_result
from tests.support.deployment import CLIENT, WEBHOOK_SECRET, Deployment
from tests.support.verifications import verification


def decided(deployment: Deployment) -> Verification:
    after = deployment.run_check(deployment.ready())
    deployment.steps.take()
    return after


def test_sending_again_keeps_the_id_and_signs_anew(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.deliver(entry)
    deployment.clock.advance(3_600_000)
    resend_result(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()

    first, second = deployment.endpoint.delivered
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert (
        int(second.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 3600
    )
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    second.opened_with(WEBHOOK_SECRET)
    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (delivery.number, delivery.attempts) == (2, 1)


def test_an_exhausted_delivery_sent_again_has_its_whole_schedule() -> None:
    attempts = len(facts.webhook_schedule().delays_seconds) + 1
    failed = WebhookResponse(500, None, 30)
    deployment = Deployment(webhook_pause_after_seconds=604_800)
    deployment.endpoint.script = [failed] * (attempts + 1) + [WebhookResponse(200, None, 5)]
    entry = decided(deployment)
    deployment.settle()
    exhausted = deployment.load(entry.id).delivery
    assert exhausted is not None
    assert exhausted.state is DeliveryState.EXHAUSTED
    resend_result(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 2)


@pytest.mark.parametrize(
    "status", [Status.AWAITING_UPLOAD, Status.READY, Status.CHECKING, Status.HELD]
)
def test_nothing_is_sent_again_before_the_decision(deployment: Deployment, status: Status) -> None:
    entry = deployment.records.save(verification(status=status))

    with pytest.raises(InvalidState, match=f"no decision yet: it is {status.value}"):
        resend_result(deployment.dependencies, CLIENT, entry.id)


def test_nothing_is_sent_again_for_another_client(deployment: Deployment) -> None:
    with pytest.raises(NotFound):
        resend_result(deployment.dependencies, "other", decided(deployment).id)


def test_a_change_in_the_same_moment_is_reported_as_one(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.records.conflicts_to_come = 1

    with pytest.raises(InvalidState, match="ask again"):
        resend_result(deployment.dependencies, CLIENT, entry.id)


# -- a range


EXHAUSTED = Filter(delivery=DeliveryState.EXHAUSTED)


def exhausted(deployment: Deployment, count: int) -> list[str]:
    """Ids of verifications whose delivery ended in vain, the newest first."""
    ids = []
    for _ in range(count):
        attempt = Attempt(at=deployment.clock.now(), latency_ms=5, status=500)
        entry = attempt_recorded(decided(deployment), attempt, DeliveryState.EXHAUSTED, None)
        ids.append(deployment.records.save(entry).id)
        deployment.clock.advance(1_000)
    return ids[::-1]


def part(
    deployment: Deployment,
    cursor: str | None = None,
    criteria: Filter = EXHAUSTED,
    *,
    client: str = CLIENT,
    dry_run: bool = False,
) -> Part:
    return resend_part(deployment.dependencies, client, criteria, cursor, dry_run=dry_run)


def test_a_dry_run_tells_what_would_be_sent_and_changes_nothing(deployment: Deployment) -> None:
    ids = exhausted(deployment, 3)
    stored = dict(deployment.records.stored)

    assert part(deployment, dry_run=True) == Part(ids, [])
    assert deployment.records.stored == stored
    assert deployment.steps.requests == []


def test_a_range_is_sent_again_and_then_there_is_nothing_left(deployment: Deployment) -> None:
    ids = exhausted(deployment, 3)

    assert part(deployment) == Part(ids, [])
    assert [step.id for step in deployment.steps.requests] == ids
    deployment.settle()
    assert len(deployment.endpoint.delivered) == 3
    assert part(deployment) == Part([], [])


def test_a_range_is_a_period_of_creation(deployment: Deployment) -> None:
    third, second, first = exhausted(deployment, 3)
    since, until = (deployment.load(id).created_at for id in (second, third))
    criteria = Filter(delivery=DeliveryState.EXHAUSTED, since=since, until=until)

    assert part(deployment, criteria=criteria).sent == [second]
    deployment.clock.advance(PAUSE_MS)
    assert part(deployment).sent == [third, first]


def test_another_clients_webhooks_are_not_in_a_range(deployment: Deployment) -> None:
    exhausted(deployment, 2)

    assert part(deployment, client="other") == Part([], [])


def test_a_range_is_sent_in_parts_with_a_pause(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveproof.use_cases.resend_result.PART", 2)
    ids = exhausted(deployment, 5)
    sent = []
    cursor = None
    times = []
    while True:
        one = part(deployment, cursor)
        sent += one.sent
        times.append(deployment.clock.now())
        if one.cursor is None:
            break
        cursor = one.cursor
        assert one.continue_at == deployment.clock.now() + PAUSE_MS
        deployment.clock.advance(PAUSE_MS - 50)
        with pytest.raises(TooSoon) as refused:
            part(deployment, cursor)
        assert refused.value.retry_after == 1
        deployment.clock.advance(50)

    assert sent == ids
    assert times == [times[0], times[0] + PAUSE_MS, times[0] + 2 * PAUSE_MS]


def test_a_part_that_is_sent_has_25_webhooks_at_most(deployment: Deployment) -> None:
    ids = exhausted(deployment, 26)

    first = part(deployment)
    with pytest.raises(TooSoon) as refused:
        part(deployment, first.cursor)

    assert first.sent == ids[:25]
    assert refused.value.detail == "a part of 25 webhooks is sent each 5 s"


def test_ranges_of_a_client_that_run_side_by_side_share_its_pace(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveproof.use_cases.resend_result.PART", 1)
    ids = exhausted(deployment, 4)
    ranges = [Filter(delivery=DeliveryState.EXHAUSTED, since=since) for since in (0, 1, 2)]
    began, sent = deployment.clock.now(), list[str]()
    for _ in range(120):
        for criteria in ranges:
            with suppress(TooSoon):
                sent += part(deployment, criteria=criteria).sent
        deployment.clock.advance(100)

    # In 12 seconds one at once and one in each five seconds, whoever asks.
    assert len(sent) == 3
    assert set(sent) <= set(ids)
    assert deployment.clock.now() - began == 12_000


def test_clients_have_paces_of_their_own_and_an_empty_part_takes_none(
    deployment: Deployment,
) -> None:
    exhausted(deployment, 1)

    assert part(deployment, client="other") == Part([], [])
    assert len(part(deployment).sent) == 1
    assert part(deployment) == Part([], [])


def test_a_dry_run_may_go_on_at_once(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveproof.use_cases.resend_result.DRY_PART", 2)
    ids = exhausted(deployment, 3)

    first = part(deployment, dry_run=True)
    second = part(deployment, first.cursor, dry_run=True)
    assert first.continue_at is None
    assert first.sent + second.sent == ids
    assert part(deployment, first.cursor).sent == ids[2:]


def test_a_verification_that_changes_at_the_same_moment_is_skipped_and_reported(
    deployment: Deployment,
) -> None:
    ids = exhausted(deployment, 2)
    deployment.records.conflicts_to_come = 1

    assert part(deployment) == Part(ids[1:], ids[:1])


@pytest.mark.parametrize(
    "cursor", ["", "x", "ver_1.0", ".5", "{id}.", "{id}.x", "{id}.²", "{id}.9999999999999"]
)
def test_a_foreign_cursor_is_refused(deployment: Deployment, cursor: str) -> None:
    text = cursor.replace("{id}", decided(deployment).id)
    with pytest.raises(InvalidRequest) as refused:
        part(deployment, text)

    assert refused.value.field == "cursor"


@pytest.mark.parametrize(("since", "until"), [(2_000, 2_001), (None, 1)])
def test_a_time_of_a_millisecond_is_a_range(
    deployment: Deployment, since: int | None, until: int
) -> None:
    criteria = Filter(delivery=DeliveryState.EXHAUSTED, since=since, until=until)

    assert part(deployment, criteria=criteria) == Part([], [])


@pytest.mark.parametrize(("since", "until"), [(2_000, 2_000), (2_000, 1_999), (None, 0)])
def test_a_time_that_ends_before_it_begins_is_refused(
    deployment: Deployment, since: int | None, until: int
) -> None:
    criteria = Filter(delivery=DeliveryState.EXHAUSTED, since=since, until=until)
    with pytest.raises(InvalidRequest) as refused:
        part(deployment, criteria=criteria)

    assert refused.value.field == "until"
