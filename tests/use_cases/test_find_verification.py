"""A client finds its own verifications, and no others."""

from __future__ import annotations

import pytest

from liveproof.domain.filter import Filter
from liveproof.domain.ids import new_verification_id
from liveproof.domain.states import Status
from liveproof.ports import Page
from liveproof.use_cases.errors import InvalidRequest, NotFound
from liveproof.use_cases.find_verification import find_verification, list_verifications
from tests.support.deployment import CLIENT, Deployment


def page(
    deployment: Deployment,
    client: str = CLIENT,
    status: Status | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    return list_verifications(deployment.dependencies, client, Filter(status=status), limit, cursor)


def test_a_client_finds_its_verification(deployment: Deployment) -> None:
    entry = deployment.create()

    assert find_verification(deployment.dependencies, CLIENT, entry.id) == entry


@pytest.mark.parametrize("client", ["other", "", CLIENT.upper()])
def test_another_clients_verification_is_reported_as_one_that_does_not_exist(
    deployment: Deployment, client: str
) -> None:
    with pytest.raises(NotFound) as foreign:
        find_verification(deployment.dependencies, client, deployment.create().id)
    with pytest.raises(NotFound) as missing:
        find_verification(
            deployment.dependencies, CLIENT, new_verification_id(deployment.clock.now())
        )

    assert str(foreign.value) == str(missing.value)


@pytest.mark.parametrize("text", ["", "ver_", "../ver", "ver_" + "z" * 26])
def test_a_malformed_id_is_not_looked_up(deployment: Deployment, text: str) -> None:
    deployment.records.rows.clear()
    with pytest.raises(NotFound):
        find_verification(deployment.dependencies, CLIENT, text)

    assert "before records.load" not in deployment.crash_points.moments


def test_a_list_has_the_clients_own_newest_first_and_continues(deployment: Deployment) -> None:
    created = []
    for _ in range(3):
        created.append(deployment.create().id)
        deployment.clock.advance(1_000)

    first = page(deployment, limit=2)
    second = page(deployment, limit=2, cursor=first.cursor)

    listed = [entry.id for entry in (*first.verifications, *second.verifications)]
    assert listed == created[::-1]
    assert second.cursor is None
    assert page(deployment, "other").verifications == ()


def test_a_list_can_be_of_one_state(deployment: Deployment) -> None:
    waiting = deployment.create()
    deployment.clock.advance(1_000)
    ready = deployment.ready()

    assert [entry.id for entry in page(deployment, status=Status.READY).verifications] == [ready.id]
    awaiting = page(deployment, status=Status.AWAITING_UPLOAD).verifications
    assert [entry.id for entry in awaiting] == [waiting.id]


def test_a_foreign_cursor_is_refused_by_its_name(deployment: Deployment) -> None:
    with pytest.raises(InvalidRequest) as refused:
        page(deployment, cursor="somebody-elses")

    assert refused.value.field == "cursor"
