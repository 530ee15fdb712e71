"""The Secrets port on Secrets Manager."""

from __future__ import annotations

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ResourceMissing
from liveproof.clouds.cached_secrets import CachedSecrets
from liveproof.ports import Clock, SecretUnusable


class SecretsManager(CachedSecrets):
    """Secrets by ARN."""

    def __init__(self, clients: Clients, lifetime: int, clock: Clock) -> None:
        super().__init__(self._read_value, lifetime, clock)
        self._clients = clients

    def _read_value(self, name: str) -> bytes:
        try:
            answer = self._clients.secretsmanager.call("GetSecretValue", SecretId=name)
        except ResourceMissing:
            raise SecretUnusable(f"secret {name}: it has no value yet") from None
        value: str | None = answer.get("SecretString")
        if not value:
            raise SecretUnusable(f"secret {name}: it has no text")
        return value.encode()
