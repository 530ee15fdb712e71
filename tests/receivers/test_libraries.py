"""The official libraries of five languages, and four more Ed25519s, judge webhooks of ours."""

from __future__ import annotations

import time

import pytest

from liveproof.webhooks.keys import parse_key
from liveproof.webhooks.signature import signed_headers
from tests.receivers.verifiers import (
    LANGUAGES,
    WITH_A_CLOCK,
    WITH_ED25519,
    Case,
    Verifier,
)
from tools.docs import webhook_vectors
from tools.docs.webhook_vectors import NOW, SECRET, Vector, vectors

PUBLIC_KEY = webhook_vectors.public_key()

# Published by Svix: the test of asymmetric signatures in its server.
SVIX_PRIVATE_KEY = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
SVIX_PUBLIC_KEY = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
SVIX_HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": (
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
    ),
}
SVIX_BODY = b'{"test": 2432232314}'


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def verifier(language: str) -> Verifier:
    return Verifier(language)


def cases(listed: list[Vector], key: str, now: int | None = None) -> list[Case]:
    return [Case(key, vector.headers, vector.body.encode(), now) for vector in listed]


def verdicts(verifier: Verifier, key: str, now: int | None = None) -> dict[str, bool]:
    """The verdict on every vector, of now or of the published time."""
    listed = vectors(int(time.time()) if now is None else now)
    judgements = verifier.judge(cases(listed, key, now))
    return {
        vector.name: judgement.accepted
        for vector, judgement in zip(listed, judgements, strict=True)
    }


EXPECTED = {vector.name: vector.accepted for vector in vectors(NOW)}


def test_the_library_accepts_what_was_sent_and_refuses_everything_else(verifier: Verifier) -> None:
    assert verdicts(verifier, SECRET) == EXPECTED


def test_the_library_signs_with_the_same_bytes(verifier: Verifier) -> None:
    accepted = [vector for vector in vectors(NOW) if vector.accepted]

    judgements = verifier.judge(cases(accepted, SECRET))

    for vector, judgement in zip(accepted, judgements, strict=True):
        assert judgement.own_signature in vector.headers["webhook-signature"].split(" ")


def test_the_published_vectors_get_the_published_verdicts_at_their_time(
    verifier: Verifier, language: str
) -> None:
    if language in WITH_A_CLOCK:
        assert verdicts(verifier, SECRET, NOW) == EXPECTED
    if language in WITH_ED25519:
        assert verdicts(verifier, PUBLIC_KEY, NOW) == EXPECTED


def test_an_independent_ed25519_accepts_what_was_sent_and_refuses_everything_else(
    verifier: Verifier, language: str
) -> None:
    if language in WITH_ED25519:
        assert verdicts(verifier, PUBLIC_KEY) == EXPECTED


def test_the_vector_that_svix_published_is_accepted_at_its_time(
    verifier: Verifier, language: str
) -> None:
    if language in WITH_ED25519:
        at = int(SVIX_HEADERS["webhook-timestamp"])
        (judgement,) = verifier.judge([Case(SVIX_PUBLIC_KEY, SVIX_HEADERS, SVIX_BODY, at)])
        assert judgement.accepted


def test_our_signature_is_the_one_that_svix_published() -> None:
    at = int(SVIX_HEADERS["webhook-timestamp"])
    key = parse_key(SVIX_PRIVATE_KEY)
    assert signed_headers([key], SVIX_HEADERS["webhook-id"], at, SVIX_BODY) == SVIX_HEADERS
    assert webhook_vectors.public_key(SVIX_PRIVATE_KEY) == SVIX_PUBLIC_KEY
