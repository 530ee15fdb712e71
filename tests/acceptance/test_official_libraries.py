"""A webhook as it left a deployed function, judged by the official libraries."""

from __future__ import annotations

import pytest

from tests.acceptance.client import Client
from tests.receivers.verifiers import LANGUAGES, WITH_ED25519, Case, Verifier


def test_every_library_accepts_the_bytes_that_arrived_and_no_others(client: Client) -> None:
    verifiers, missing = {}, []
    for language in LANGUAGES:  # before the webhook is sent: building them may take minutes
        try:
            verifiers[language] = Verifier(language)
        except pytest.skip.Exception as skipped:
            missing.append(str(skipped))
    seen = client.outcome(client.start(reference="größe-\U0001f600", metadata={"名": '"'})["id"])
    (webhook,) = client.cloud.receiver.of(seen["id"])
    headers = {name.lower(): value for name, value in webhook.headers.items()}
    body = webhook.body.encode()
    changed = body.replace(b'"passed"', b'"failed"')
    demo = client.cloud.clients[0]

    for language, verifier in verifiers.items():
        for key in (demo.secret, demo.public_key):
            if key == demo.secret or language in WITH_ED25519:
                as_sent, tampered = verifier.judge(
                    [Case(key, headers, body), Case(key, headers, changed)]
                )
                assert as_sent.accepted, (language, key[:5])
                assert not tampered.accepted, (language, key[:5])
    if missing:
        pytest.skip("; ".join(missing))
