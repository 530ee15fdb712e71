"""A client's endpoint, and the signature of what is sent there now."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.secret_documents import WebhookEndpoint, Webhooks, read_secret
from liveproof.webhooks.keys import SigningKey
from liveproof.webhooks.signature import signed_headers

ATTEMPT_HEADER = "webhook-attempt"
"""Counts the attempts of a delivery. It is not signed: the signature covers id, time and body."""


class NotSent(Exception):
    """A fault of the deployment's own keeps a webhook from the client's endpoint.

    Attributes:
        code: which; stable.
    """

    def __init__(self, code: str, client: str) -> None:
        super().__init__(f"{code}: the webhook endpoint of {client}")
        self.code = code


def endpoint_of(dependencies: Dependencies, client: str) -> WebhookEndpoint:
    """Where a client's webhooks go.

    Raises:
        NotSent: `no_endpoint`: the secret names none.
        SecretUnusable: the secret cannot be read.
    """
    secrets, name = dependencies.secrets, dependencies.settings.webhooks_secret
    endpoint = read_secret(secrets, name, Webhooks).endpoints.get(client)
    if (endpoint is None or not _keys(dependencies, endpoint)) and secrets.refresh(name):
        # An operator may have put both a moment ago.
        endpoint = read_secret(secrets, name, Webhooks).endpoints.get(client)
    if endpoint is None:
        raise NotSent("no_endpoint", client)
    return endpoint


def sign_webhook(
    dependencies: Dependencies, client: str, endpoint: WebhookEndpoint, message_id: str, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks for a body that is sent now. Nothing goes unsigned.

    Raises:
        NotSent: `no_signing_key`: the time of all of the endpoint's secrets is over, or it has none
            and the deployment has no key either.
        Exception: the deployment's own key, outside the secrets, does not sign.
    """
    keys = _keys(dependencies, endpoint)
    if not keys:
        raise NotSent("no_signing_key", client)
    return signed_headers(keys, message_id, dependencies.clock.now() // 1000, body)


def _keys(dependencies: Dependencies, endpoint: WebhookEndpoint) -> list[SigningKey]:
    """What signs now: the endpoint's secrets and the deployment's key, or that key alone.

    An endpoint whose secrets are all over gets no webhook: its client verifies by them.
    """
    keys: list[SigningKey] = [key for key, _ in endpoint.signing_keys_at(dependencies.clock.now())]
    if dependencies.webhook_key is not None and (keys or not endpoint.secrets):
        keys.append(dependencies.webhook_key)
    return keys
