"""The public keys that verify webhooks: whoever gets some may read them, so no client is named."""

from __future__ import annotations

from typing import NamedTuple

from liveproof.dependencies import Dependencies
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.webhooks.keys import PrivateKey, key_id, public_key_text


class WebhookKey(NamedTuple):
    """A public key: its short name, its text (`whpk_…`), and the last millisecond since 1970 at
    which webhooks are signed with it; None: nobody has set one."""

    id: str
    public_key: str
    not_after: int | None


def list_webhook_keys(dependencies: Dependencies) -> list[WebhookKey]:
    """The keys of version `v1a` with which webhooks are signed now, in the order of their ids.

    Raises:
        SecretUnusable: the webhooks' secret cannot be read.
        Exception: the deployment's own key, outside the secrets, does not answer.
    """
    webhooks = read_secret(dependencies.secrets, dependencies.settings.webhooks_secret, Webhooks)
    now = dependencies.clock.now()
    ends: dict[bytes, int | None] = {}
    for endpoint in webhooks.endpoints.values():
        for key, not_after in endpoint.signing_keys_at(now):
            if isinstance(key, PrivateKey):
                public_key = key.public_key()
                ends[public_key] = _later(not_after, ends.get(public_key, not_after))
    if dependencies.webhook_key is not None:
        ends[dependencies.webhook_key.public_key()] = None
    return sorted(
        WebhookKey(key_id(public_key), public_key_text(public_key), not_after)
        for public_key, not_after in ends.items()
    )


def _later(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
