"""A client's request to erase, while the verification changes again and again."""

from __future__ import annotations

import pytest

from liveproof.domain.states import Step
from liveproof.use_cases.errors import InvalidState
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.deployment import CLIENT, Deployment


def test_a_request_survives_changes_that_come_first(deployment: Deployment) -> None:
    made = deployment.create()
    deployment.records.conflicts_to_come = 9

    requested = request_erasure(deployment.dependencies, CLIENT, made.id)

    assert requested.erasure is not None
    assert requested == deployment.load(made.id)
    assert [(one.step, one.id) for one in deployment.steps.requests] == [(Step.ERASE, made.id)]


def test_a_request_that_always_loses_says_so_after_ten_tries(deployment: Deployment) -> None:
    made = deployment.create()
    deployment.records.conflicts_to_come = 10

    with pytest.raises(InvalidState, match="ask again"):
        request_erasure(deployment.dependencies, CLIENT, made.id)
    assert deployment.records.conflicts_to_come == 0
    assert deployment.load(made.id).erasure is None
