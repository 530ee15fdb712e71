"""A reference to the consent of the person: required by a setting, kept, shown, never logged."""

from __future__ import annotations

import pytest

from liveproof.api.views import verification_view
from liveproof.domain.requests import CreateVerification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.errors import IdempotencyKeyReused, InvalidRequest
from tests.support.deployment import CLIENT, Deployment, declared

CONSENT = "consent-record-4711"


def create(deployment: Deployment, consent: str | None, key: str | None = None) -> str:
    request = CreateVerification(check="reflect", inputs=declared(), consent_reference=consent)
    made, _ = create_verification(
        deployment.dependencies, CLIENT, ApiClient(("0" * 64,)), request, key
    )
    return made.id


def test_it_is_kept_shown_and_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    deployment = Deployment()

    made = deployment.load(create(deployment, CONSENT))

    assert made.consent == CONSENT
    assert verification_view(made).consent_reference == CONSENT
    deployment.settle()
    assert CONSENT.encode() not in deployment.endpoint.delivered[0].body
    assert CONSENT not in capsys.readouterr().out


def test_a_deployment_may_require_it() -> None:
    deployment = Deployment(require_consent=True)

    with pytest.raises(InvalidRequest) as refused:
        create(deployment, None)

    assert refused.value.field == "consent_reference"
    assert deployment.records.all() == []
    assert create(deployment, CONSENT)


def test_without_it_nothing_is_refused_by_default() -> None:
    assert create(Deployment(), None)


def test_another_consent_is_another_request() -> None:
    deployment = Deployment()
    first = create(deployment, CONSENT, "key")

    assert create(deployment, CONSENT, "key") == first
    with pytest.raises(IdempotencyKeyReused):
        create(deployment, "another", "key")
    with pytest.raises(IdempotencyKeyReused):
        create(deployment, None, "key")
