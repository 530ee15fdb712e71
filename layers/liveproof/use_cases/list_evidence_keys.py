"""The public keys that verify manifests of evidence, those that sign no more as well."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.use_cases.list_webhook_keys import WebhookKey
from liveproof.webhooks.keys import key_id, public_key_text


def list_evidence_keys(dependencies: Dependencies) -> list[WebhookKey]:
    """In the order of the secret's document, where the first that may sign is the one that does.

    Raises:
        SecretUnusable: the webhooks' secret cannot be read.
    """
    webhooks = read_secret(dependencies.secrets, dependencies.settings.webhooks_secret, Webhooks)
    return [
        WebhookKey(key_id(public_key), public_key_text(public_key), entry.ends_at)
        for entry in webhooks.evidence_keys
        for public_key in (entry.public_key(),)
    ]
