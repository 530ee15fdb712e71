"""A client's endpoint, and the signature of what is sent there now."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import WebhookEndpoint, Webhooks, read_secret
from liveproof.webhooks.signature import signed_headers


class NoEndpoint(SecretUnusable):
    """The webhooks' secret has no endpoint for the client."""

    code = "no_endpoint"


class NoSigningKey(SecretUnusable):
    """The endpoint has no secret that still signs; nothing is sent unsigned."""

    code = "no_signing_key"


def endpoint_of(dependencies: Dependencies, client: str) -> WebhookEndpoint:
    """Where a client's webhooks go.

    Raises:
        NoEndpoint: the secret names none.
        SecretUnusable: the secret cannot be read.
    """
    name = dependencies.settings.webhooks_secret
    endpoint = read_secret(dependencies.secrets, name, Webhooks).endpoints.get(client)
    if endpoint is None:
        raise NoEndpoint(f"secret {name}: no endpoint for {client}")
    return endpoint


def sign_webhook(
    dependencies: Dependencies, endpoint: WebhookEndpoint, message_id: str, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks for a body that is sent now.

    Raises:
        NoSigningKey: the time of all of the endpoint's secrets is over.
    """
    now = dependencies.clock.now()
    keys = [key for key, _ in endpoint.signing_keys_at(now)]
    if not keys:
        name = dependencies.settings.webhooks_secret
        raise NoSigningKey(f"secret {name}: the time of all secrets of an endpoint is over")
    return signed_headers(keys, message_id, now // 1000, body)
