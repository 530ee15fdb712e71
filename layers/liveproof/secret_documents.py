"""The deployment's secrets: JSON documents, put by an operator, read at run time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from liveproof.ports import Secrets, SecretUnusable

_T = TypeVar("_T")

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Text = Annotated[str, Meta(min_length=1)]


class VendorKey(Struct, frozen=True):
    """The vendor account's key. `token` goes with temporary keys."""

    secret_id: Text
    secret_key: Text
    token: str | None = None


class SenseIdKey(Struct, frozen=True):
    """SenseID's PARAM_DECRYPT_KEY and PARAM_DECRYPT_IV: text, used as its bytes."""

    key: Annotated[str, Meta(min_length=32, max_length=32, pattern="^[!-~]+$")]
    iv: Annotated[str, Meta(min_length=12, max_length=12, pattern="^[!-~]+$")]


class ApiClient(Struct, frozen=True):
    """A client that may ask: digests of its API keys, and thresholds of its own per check."""

    keys_sha256: Annotated[tuple[Sha256, ...], Meta(min_length=1)]
    thresholds: dict[str, Annotated[float, Meta(ge=0, le=100)]] = {}


class ApiKeys(Struct, frozen=True):
    """Every client by its name."""

    clients: dict[str, ApiClient]

    def client_of(self, api_key: str) -> str | None:
        """The name of the client that the key belongs to. Takes the same time for every key."""
        digest = hashlib.sha256(api_key.encode()).hexdigest()
        found = None
        for name, client in self.clients.items():
            for known in client.keys_sha256:
                if hmac.compare_digest(known, digest):
                    found = name
        return found


class WebhookEndpoint(Struct, frozen=True):
    """Where a client's webhooks go. The first secret is current; older ones still sign."""

    url: Text
    secrets: Annotated[tuple[Annotated[str, Meta(pattern="^whsec_")], ...], Meta(min_length=1)]

    def keys(self) -> tuple[bytes, ...]:
        """The signing keys: base64 after `whsec_`, 24 to 64 bytes (Standard Webhooks 1.0.0)."""
        return tuple(_signing_key(secret) for secret in self.secrets)


class Webhooks(Struct, frozen=True):
    """Every client's endpoint by the client's name."""

    endpoints: dict[str, WebhookEndpoint]


def _signing_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise SecretUnusable("a webhook secret is not base64 after whsec_") from None
    if not 24 <= len(key) <= 64:
        raise SecretUnusable("a webhook secret must hold 24 to 64 bytes")
    return key


def read_secret(secrets: Secrets, name: str, kind: type[_T]) -> _T:
    """The secret `name` as a document of type `kind`.

    Raises:
        SecretUnusable: with the secret's name and the field that is wrong, never a value.
    """
    text = secrets.get(name)
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise SecretUnusable(f"secret {name}: {error}") from None
    except msgspec.DecodeError:
        raise SecretUnusable(f"secret {name}: not JSON") from None


def vendor_key(secrets: Secrets, name: str) -> Callable[[], VendorKey]:
    """What gives the vendor account's key, read anew at each request. See `read_secret`."""
    return lambda: read_secret(secrets, name, VendorKey)
