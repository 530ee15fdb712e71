"""Erasures: a paid call that was under way, and the last look at the bucket."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.audit import CLIENT, What
from liveproof.domain.erasure_transitions import (
    call_settled_while_erasing,
    erasure_requested,
    files_deleted,
    is_look_due,
    last_look_at,
    late_upload_noticed,
)
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import ForbiddenTransition
from liveproof.domain.verification import Decision, Verification
from tests.support.verifications import NOW, called, ready, settled, verdict, verification

MINUTE_MS = 60_000
ANSWERED = settled(CallOutcome.ANSWERED).calls[-1]


def erasing(entry: Verification) -> Verification:
    return erasure_requested(entry, NOW, CLIENT)


def called_again() -> Verification:
    """The second call is under way, after one whose outcome is unknown."""
    intended = lifecycle.call_intended(
        settled(CallOutcome.UNKNOWN), "Action", "region", NOW, NOW + 1
    )
    return lifecycle.call_sent(intended, NOW, NOW + 1)


def test_the_outcome_of_a_call_under_way_is_let_into_the_ledger_without_its_score() -> None:
    after = call_settled_while_erasing(
        erasing(called()), replace(ANSWERED, score=96.0, billable="yes"), NOW + 1
    )

    assert after.calls == (replace(ANSWERED, score=None, billable="yes"),)
    assert after.due_at == NOW + 1
    last = after.audit.entries[-1]
    assert (last.what, last.facts["outcome"]) == (What.CALL_SETTLED, "answered")


def test_only_a_call_that_may_be_under_way_delays_the_deletion() -> None:
    """A webhook that will be tried again in an hour does not."""
    decided = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))

    assert erasing(replace(decided, due_at=NOW + 3_600_000)).due_at == NOW
    assert erasing(replace(called(), due_at=NOW + 9)).due_at == NOW + 9


def test_a_call_that_nobody_settled_is_unknown_beside_those_before_it() -> None:
    entry = erasing(called_again())

    after = files_deleted(entry, NOW + 1, objects=0)

    assert after.calls[0] == entry.calls[0]
    assert [(call.number, call.outcome, call.code) for call in after.calls[1:]] == [
        (2, CallOutcome.UNKNOWN, "interrupted")
    ]


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        pytest.param(called(), 1, id="nobody asked for an erasure"),
        pytest.param(erasing(ready()), 1, id="no call was made"),
        pytest.param(
            erasing(lifecycle.call_intended(ready(), "Action", None, NOW, NOW + 1)),
            1,
            id="the call was not sent",
        ),
        pytest.param(erasing(settled(CallOutcome.UNKNOWN)), 1, id="the call has its outcome"),
        pytest.param(erasing(called()), 2, id="a later call"),
        pytest.param(erasing(called_again()), 1, id="an earlier call"),
    ],
)
def test_the_ledger_takes_no_outcome_that_it_does_not_wait_for(
    entry: Verification, number: int
) -> None:
    """Else an outcome that came late, or twice, would replace what the bill is compared with."""
    with pytest.raises(ForbiddenTransition):
        call_settled_while_erasing(entry, replace(ANSWERED, number=number), NOW + 1)


@pytest.mark.parametrize(
    ("expires_at", "last_url_ends"),
    [
        pytest.param(NOW + 60 * MINUTE_MS, NOW + 15 * MINUTE_MS, id="a URL lives for 15 minutes"),
        pytest.param(NOW + 5 * MINUTE_MS, NOW + 5 * MINUTE_MS, id="and ends with its verification"),
        pytest.param(NOW - 60 * MINUTE_MS, NOW, id="it expired long ago"),
    ],
)
def test_the_last_look_is_ten_minutes_after_the_last_url_has_ended(
    expires_at: int, last_url_ends: int
) -> None:
    """As docs/erasure.md promises to whoever answers for privacy."""
    entry = erasing(verification(expires_at=expires_at))

    assert last_look_at(entry) == last_url_ends + 10 * MINUTE_MS


def test_rejected_files_are_remembered_until_the_last_look_and_no_longer() -> None:
    """The function that took the decision may remember them after the first look."""
    rejected = lifecycle.decided(
        replace(settled(CallOutcome.ANSWERED), reference="order 7"), verdict(Decision.REJECTED)
    )
    requested = erasing(rejected)
    assert requested.erasure is not None
    digest = requested.erasure.digest
    last = last_look_at(requested)

    first_look = files_deleted(requested, last - 1, objects=2)
    last_look = files_deleted(first_look, last, objects=1)

    assert digest is not None
    assert first_look.erasure is not None
    assert (first_look.erasure.digest, first_look.erasure.look_at) == (digest, last)
    assert last_look.erasure is not None
    assert (last_look.erasure.digest, last_look.erasure.look_at) == (None, None)
    assert last_look.erasure.objects == 3
    assert last_look.erasure.erased_at == last - 1


def test_the_chain_says_once_that_the_bucket_is_empty_and_again_when_more_was_deleted() -> None:
    """Whoever asks for a proof of the erasure finds it also where no file had come."""
    requested = erasing(verification())
    empty = files_deleted(requested, NOW + 1, objects=0)
    again = files_deleted(empty, NOW + 2, objects=0)
    more = files_deleted(again, NOW + 3, objects=2)

    assert [
        (entry.at, entry.facts["objects"])
        for entry in more.audit.entries
        if entry.what == What.FILES_DELETED
    ] == [(NOW + 1, 0), (NOW + 3, 2)]


def test_a_late_file_makes_the_look_due_at_once_but_waits_for_the_call_under_way() -> None:
    waiting = late_upload_noticed(erasing(replace(called(), due_at=NOW + 9)), NOW + 1)
    assert waiting.due_at == NOW + 9

    erased = files_deleted(erasing(verification()), NOW + 1, objects=0)
    assert not is_look_due(erased, NOW + 2)
    late = late_upload_noticed(erased, NOW + 2)

    assert is_look_due(late, NOW + 2)
    assert late.due_at == NOW + 2
