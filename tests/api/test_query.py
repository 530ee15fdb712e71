"""Query parameters of a list: how many verifications a page has, and which value is read."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.api.http import Request
from tests.support.deployment import Deployment
from tests.support.routes import LIST, ask, document


@pytest.mark.parametrize(
    ("query", "count"), [({"limit": "1"}, 1), ({"limit": "100"}, 100), ({}, 20)]
)
def test_a_page_has_1_to_100_verifications_and_20_by_default(
    deployment: Deployment, query: dict[str, Any], count: int
) -> None:
    for _ in range(count + 1):
        deployment.create()
    page = document(ask(deployment, LIST, **query))

    assert len(page["verifications"]) == count
    assert page["next_cursor"] is not None


def test_of_a_parameter_that_is_there_twice_the_first_value_is_read() -> None:
    request = Request("GET", "/v1/verifications", {"limit": ["1", "2"], "cursor": []}, {}, b"")

    assert request.parameter("limit") == "1"
    assert request.parameter("cursor") is None
    assert request.parameter("status") is None
