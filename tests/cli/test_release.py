"""Held verifications: they are listed, and a release allows one more call."""

from __future__ import annotations

import pytest

from liveproof.domain import retries
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision
from liveproof.ports import RecordUnreadable
from liveproof.vendors.errors import (
    OutcomeUnknown,
    RelayFailed,
)
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.listing import unfinished
from liveproof_cli.operations import release
from tests.support.checks import answer
from tests.support.deployment import HOUR_MS, Deployment, verdict_code


def test_a_released_verification_is_called_again_once(deployment_with_hold: Deployment) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())
    deployment_with_hold.clock.advance(60_000)

    released = release(deployment_with_hold.records, deployment_with_hold.clock, entry.id)
    deployment_with_hold.settle()

    assert released.status is Status.CHECKING
    assert deployment_with_hold.check.calls == 2
    assert verdict_code(deployment_with_hold.load(entry.id))[1] == "passed"
    assert list(unfinished(deployment_with_hold.records, Status.HELD)) == []


def test_a_release_many_hours_after_the_uploads_still_makes_its_call(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())
    deployment_with_hold.clock.advance(20 * HOUR_MS)

    release(deployment_with_hold.records, deployment_with_hold.clock, entry.id)
    deployment_with_hold.settle()

    assert deployment_with_hold.check.calls == 2
    assert verdict_code(deployment_with_hold.load(entry.id))[1] == "passed"


def test_a_released_call_with_an_unknown_outcome_is_an_error_not_another_hold(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())
    release(deployment_with_hold.records, deployment_with_hold.clock, entry.id)
    deployment_with_hold.settle()

    assert deployment_with_hold.check.calls == 2
    assert verdict_code(deployment_with_hold.load(entry.id)) == (
        Decision.ERROR,
        "call_outcome_unknown",
    )


def test_a_release_gives_the_vendor_all_its_tries_again(deployment_with_hold: Deployment) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out"), answer()]
    deployment_with_hold.check.prepare_fails = [RelayFailed("away")] * (retries.VENDOR_FAILURES - 1)
    entry = deployment_with_hold.ready()
    deployment_with_hold.run_check(entry)
    while deployment_with_hold.load(entry.id).status is not Status.HELD:
        deployment_with_hold.clock.sleep_until(deployment_with_hold.load(entry.id).due_at or 0)
        deployment_with_hold.run_check(entry)
    deployment_with_hold.steps.take()
    deployment_with_hold.check.prepare_fails = [RelayFailed("away")] * (retries.VENDOR_FAILURES - 1)
    release(deployment_with_hold.records, deployment_with_hold.clock, entry.id)
    deployment_with_hold.settle()

    assert verdict_code(deployment_with_hold.load(entry.id))[1] == "passed"


def test_a_held_record_that_cannot_be_read_hides_no_other(deployment_with_hold: Deployment) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    held = []
    for _ in range(3):
        deployment_with_hold.clock.advance(1000)
        held.append(deployment_with_hold.run_check(deployment_with_hold.ready()).id)
    deployment_with_hold.records.stored[held[0]] = b"{"
    found = unfinished(deployment_with_hold.records, Status.HELD)

    assert [next(found).id, next(found).id] == held[1:]
    with pytest.raises(RecordUnreadable, match=held[0]):
        next(found)


def test_what_is_released_or_deleted_while_the_list_is_made_is_not_in_it(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    held = []
    for _ in range(3):
        deployment_with_hold.clock.advance(1000)
        held.append(deployment_with_hold.run_check(deployment_with_hold.ready()).id)
    found = unfinished(deployment_with_hold.records, Status.HELD)
    assert next(found).id == held[0]
    release(deployment_with_hold.records, deployment_with_hold.clock, held[1])
    del deployment_with_hold.records.stored[held[2]]

    assert list(found) == []


def test_what_is_not_held_cannot_be_released(deployment: Deployment) -> None:
    entry = deployment.ready()

    with pytest.raises(CannotBeDone, match=entry.id):
        release(deployment.records, deployment.clock, entry.id)
    with pytest.raises(CannotBeDone):
        release(deployment.records, deployment.clock, "ver_" + "0" * 26)
