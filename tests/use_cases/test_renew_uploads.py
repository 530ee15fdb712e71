"""Fresh upload URLs: new keys for missing inputs, ten times, until the expiry."""

from __future__ import annotations

import pytest

from liveproof.use_cases.errors import InvalidState, NotFound
from liveproof.use_cases.renew_uploads import renew_uploads
from tests.support.deployment import CLIENT, Deployment


def test_a_renewal_issues_new_keys_for_the_missing_files(deployment: Deployment) -> None:
    made = deployment.create()
    deployment.upload(made, "live_data")
    renewed, uploads = renew_uploads(deployment.dependencies, CLIENT, made.id)

    assert set(uploads) == {"image"}
    former, new = renewed.inputs["image"].keys
    assert (former,) == made.inputs["image"].keys
    assert new != former
    assert uploads["image"].url.startswith(f"memory:{new}?"), "a key is written to once"
    assert renewed.inputs["live_data"].keys == made.inputs["live_data"].keys


def test_renewals_are_counted(deployment: Deployment) -> None:
    made = deployment.create()
    for _ in range(9):
        renew_uploads(deployment.dependencies, CLIENT, made.id)

    with pytest.raises(InvalidState, match="10 times"):
        renew_uploads(deployment.dependencies, CLIENT, made.id)


def test_a_renewal_survives_a_proof_that_comes_first(deployment: Deployment) -> None:
    made = deployment.create()
    deployment.records.conflicts_to_come = 2

    renewed, _ = renew_uploads(deployment.dependencies, CLIENT, made.id)

    assert len(renewed.inputs["image"].keys) == 2


def test_nothing_is_renewed_once_it_expired(deployment: Deployment) -> None:
    made = deployment.create()
    deployment.clock.time = made.expires_at - 1
    renew_uploads(deployment.dependencies, CLIENT, made.id)
    deployment.clock.time = made.expires_at

    with pytest.raises(InvalidState, match="it expired at"):
        renew_uploads(deployment.dependencies, CLIENT, made.id)
    deployment.settle()
    with pytest.raises(InvalidState, match="it expired at"):
        renew_uploads(deployment.dependencies, CLIENT, made.id)


def test_nothing_is_renewed_once_every_file_arrived(deployment: Deployment) -> None:
    made = deployment.ready()
    with pytest.raises(InvalidState, match="it is ready"):
        renew_uploads(deployment.dependencies, CLIENT, made.id)
    deployment.settle()
    deployment.clock.time = made.expires_at
    with pytest.raises(InvalidState, match="it is decided"):
        renew_uploads(deployment.dependencies, CLIENT, made.id)


def test_a_renewal_that_always_loses_says_so_after_five_tries(deployment: Deployment) -> None:
    made = deployment.create()
    deployment.records.conflicts_to_come = 5

    with pytest.raises(InvalidState, match="ask again"):
        renew_uploads(deployment.dependencies, CLIENT, made.id)
    assert deployment.records.conflicts_to_come == 0


def test_another_clients_verification_cannot_be_renewed(deployment: Deployment) -> None:
    with pytest.raises(NotFound):
        renew_uploads(deployment.dependencies, "other", deployment.create().id)
