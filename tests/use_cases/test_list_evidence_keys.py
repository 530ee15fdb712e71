"""The keys of evidence in the webhooks' secret: listed in its order, or refused with the field."""

from __future__ import annotations

import base64

import pytest

from liveproof.evidence.signing_keys import MOST_EVIDENCE_KEYS
from liveproof.ports import SecretUnusable
from liveproof.use_cases.list_evidence_keys import list_evidence_keys
from liveproof.webhooks.keys import PrivateKey, public_key_text
from tests.support.deployment import Deployment
from tests.support.evidence import PRIVATE_KEY, PUBLIC_KEY, SEED, put_evidence_keys

OTHER = public_key_text(PrivateKey(bytes(32)).public_key())
TOO_SHORT = base64.b64encode(SEED[1:]).decode()


def test_keys_are_listed_in_the_documents_order_with_their_ends(deployment: Deployment) -> None:
    ended = {"key": OTHER, "not_after": "2020-01-01T00:00:00.5Z"}
    put_evidence_keys(deployment, {"key": PRIVATE_KEY}, ended)
    listed = list_evidence_keys(deployment.dependencies)

    assert [(key.public_key, key.not_after) for key in listed] == [
        (PUBLIC_KEY, None),
        (OTHER, 1_577_836_800_500),
    ]


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ({"key": PRIVATE_KEY, "not_afer": "2030-01-01T00:00:00Z"}, "not_afer: there is no such"),
        ({"key": PRIVATE_KEY, "not_after": "2030-01-01T00:00:00"}, "not_after: Expected"),
        ({"not_after": "2030-01-01T00:00:00Z"}, "key: is missing"),
        ({"key": ""}, "key: a webhook secret begins with"),
        ({"key": f"whsec_{TOO_SHORT}"}, "key: a key of evidence begins with whsk_ or whpk_"),
        ({"key": f"whsk_{TOO_SHORT}"}, "key: a private key must hold 32 bytes"),
        ({"key": f"whpk_{TOO_SHORT}"}, "key: a public key must hold 32 bytes"),
        ({"key": "whpk_canary"}, "key: a webhook secret is not base64 after whpk_"),
    ],
)
def test_a_key_that_is_none_is_refused_with_its_place_and_not_shown(
    deployment: Deployment, key: dict[str, str], field: str
) -> None:
    put_evidence_keys(deployment, {"key": PRIVATE_KEY}, key)

    with pytest.raises(SecretUnusable) as unusable:
        list_evidence_keys(deployment.dependencies)
    assert f"evidence_keys[1].{field}" in str(unusable.value)
    for secret in (TOO_SHORT, PRIVATE_KEY, "canary"):
        assert secret not in str(unusable.value)


def test_there_may_be_fifty_keys_and_no_more(deployment: Deployment) -> None:
    put_evidence_keys(deployment, *[{"key": PUBLIC_KEY}] * MOST_EVIDENCE_KEYS)
    assert len(list_evidence_keys(deployment.dependencies)) == 50

    put_evidence_keys(deployment, *[{"key": PUBLIC_KEY}] * (MOST_EVIDENCE_KEYS + 1))
    with pytest.raises(SecretUnusable, match="evidence_keys: Expected `array` of length <= 50"):
        list_evidence_keys(deployment.dependencies)
