"""Which verifications a list is of."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.domain import lifecycle
from liveproof.domain.audit import CLIENT
from liveproof.domain.erasure_transitions import erasure_requested, files_deleted
from liveproof.domain.filter import Filter
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, DeliveryState
from tests.support.verifications import NOW, settled, verdict

PASSED = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
ERASED = files_deleted(erasure_requested(PASSED, NOW, CLIENT), NOW, objects=0)


@pytest.mark.parametrize(
    ("conditions", "decided", "erased"),
    [
        ({}, True, True),
        ({"erased": False}, True, False),
        ({"decision": Decision.PASSED}, True, False),
        ({"delivery": DeliveryState.PENDING}, True, False),
        ({"decision": Decision.PASSED, "status": Status.ERASED}, False, True),
        ({"delivery": DeliveryState.PENDING, "status": Status.ERASED}, False, True),
        ({"decision": Decision.REJECTED}, False, False),
        ({"delivery": DeliveryState.DELIVERED}, False, False),
    ],
)
def test_a_decision_is_looked_for_among_the_erased_only_where_their_state_is_named(
    conditions: dict[str, Any], decided: bool, erased: bool
) -> None:
    criteria = Filter(**conditions)

    assert (criteria.matches(PASSED), criteria.matches(ERASED)) == (decided, erased)
