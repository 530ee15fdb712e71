"""Lists with and without erased verifications, over several pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liveproof.api.http import Request
from liveproof.api.routes import serve
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.deployment import API_KEY, CLIENT, Deployment

REFERENCE = "jane"


@pytest.fixture
def deployment() -> Deployment:
    """Five of one reference, of which the second and the fourth are erased."""
    deployment = Deployment()
    for number in range(5):
        deployment.clock.advance(1_000)
        made = deployment.create(reference=REFERENCE)
        if number in (1, 3):
            request_erasure(deployment.dependencies, CLIENT, made.id)
    return deployment


def pages(deployment: Deployment, **query: str) -> list[dict[str, Any]]:
    """All elements of a list, read two at a time."""
    elements: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more: dict[str, list[str]] = {"cursor": [cursor]} if cursor else {}
        request = Request(
            method="GET",
            path="/v1/verifications",
            query={"limit": ["2"], **{name: [value] for name, value in query.items()}, **more},
            headers={"authorization": f"Bearer {API_KEY}"},
            body=b"",
        )
        answer = serve(deployment.dependencies, "read_verification", request)
        assert answer.status == 200, answer.body
        page = json.loads(answer.body)
        elements += page["verifications"]
        cursor = page["next_cursor"]
        if cursor is None:
            return elements


def test_erased_ones_are_in_a_list_unless_nobody_wants_them(deployment: Deployment) -> None:
    assert len(pages(deployment)) == 5
    assert len(pages(deployment, erased="true")) == 5
    assert {one["status"] for one in pages(deployment, erased="false")} == {"awaiting_upload"}
    assert len(pages(deployment, erased="false")) == 3
    assert len(pages(deployment, status="erasing")) == 2


def test_a_list_by_reference_has_every_page_and_no_erased_one(deployment: Deployment) -> None:
    assert [one["reference"] for one in pages(deployment, reference=REFERENCE)] == [REFERENCE] * 3


def test_an_erased_one_is_shown_with_its_times_and_without_the_person(
    deployment: Deployment,
) -> None:
    deployment.settle()

    shown = pages(deployment, status="erased")

    assert len(shown) == 2
    for one in shown:
        assert (one["reference"], one["inputs"], one["metadata"]) == (None, {}, {})
        assert one["erasure"]["requested_at"]
        assert one["erasure"]["erased_at"]
        assert one["sequence"] == 2
