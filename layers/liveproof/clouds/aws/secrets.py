"""The Secrets port on Secrets Manager."""

from __future__ import annotations

from liveproof.clouds.aws.clients import Clients
from liveproof.ports import Clock, SecretUnusable


class SecretsManager:
    """Secrets by ARN, each kept for `lifetime` seconds, so a rotated one is picked up."""

    def __init__(self, clients: Clients, lifetime: int, clock: Clock) -> None:
        self._clients = clients
        self._lifetime_ms = lifetime * 1000
        self._clock = clock
        self._cache: dict[str, tuple[int, bytes]] = {}

    def get(self, name: str) -> bytes:
        now = self._clock.now()
        cached = self._cache.get(name)
        if cached is not None and now - cached[0] < self._lifetime_ms:
            return cached[1]
        client = self._clients.secretsmanager
        try:
            value = client.get_secret_value(SecretId=name).get("SecretString")
        except client.exceptions.ResourceNotFoundException:
            raise SecretUnusable(f"secret {name}: it has no value yet") from None
        if not value:
            raise SecretUnusable(f"secret {name}: it has no text")
        self._cache[name] = (now, value.encode())
        return self._cache[name][1]
