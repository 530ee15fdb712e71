"""The clients of a local cloud: their API keys, their webhooks' keys, and where webhooks go on to.

`make local ARGS="--webhook URL --webhook NAME=URL"` says the last.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liveproof.outbound.urls import Target
from tools.processes import UsageError
from tools.webhooks.forwarding import require_target
from tools.webhooks.keys import KeyUnusable, parse_key

CLIENT = "demo"
"""The client that every local cloud has."""

_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,32}")
_URL = ("http://", "https://")
_KEY = ("whsec_", "whsk_")


@dataclass(frozen=True)
class LocalClient:
    """A client of the local cloud.

    Attributes:
        secret: signs version v1 of its webhooks, `whsec_...`.
        private_key: signs version v1a, `whsk_...`.
        target: where the local receiver hands its webhooks on to; None: nowhere.
    """

    name: str
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    private_key: str = field(repr=False)
    target: Target | None = None

    @property
    def public_key(self) -> str:
        """Verifies version v1a, `whpk_...`."""
        key = Ed25519PrivateKey.from_private_bytes(_bytes(self.private_key)[:32])
        return "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()

    @property
    def path(self) -> str:
        """Of its endpoint at the local receiver."""
        return "/webhooks" if self.name == CLIENT else f"/webhooks/{self.name}"

    def keys(self) -> dict[str, Any]:
        """Its entry in the secret of API keys."""
        return {"keys_sha256": [hashlib.sha256(self.api_key.encode()).hexdigest()]}

    def endpoint(self, receiver: str) -> dict[str, Any]:
        """Its entry in the webhooks' secret; `receiver` is the address without a path."""
        return {"url": f"{receiver}{self.path}", "secrets": [self.secret, self.private_key]}

    def document(self) -> dict[str, str]:
        """What a client needs to know."""
        return {
            "api_key": self.api_key,
            "webhook_secret": self.secret,
            "webhook_public_key": self.public_key,
        }


def local_clients(urls: Iterable[str] = (), keys: Iterable[str] = ()) -> tuple[LocalClient, ...]:
    """`demo`, then each client that a URL names.

    Args:
        urls: `URL` for `demo`, or `NAME=URL`.
        keys: `whsec_...` or `whsk_...` for `demo`, or `NAME=` before it; else they are new.

    Raises:
        UsageError: one of them is unusable.
    """
    targets = _targets(urls)
    chosen = _keys(keys, targets)
    return tuple(new_client(name, target, chosen) for name, target in targets.items())


def new_client(
    name: str, target: Target | None = None, chosen: Mapping[tuple[str, str], str] | None = None
) -> LocalClient:
    """A client with new keys, but for those that were `chosen` by name and prefix."""
    keys = chosen or {}
    return LocalClient(
        name,
        "lp_" + secrets.token_urlsafe(32),
        keys.get((name, "whsec_")) or new_key("whsec_"),
        keys.get((name, "whsk_")) or new_key("whsk_"),
        target,
    )


def _targets(urls: Iterable[str]) -> dict[str, Target | None]:
    targets: dict[str, Target | None] = {CLIENT: None}
    for argument in urls:
        name, url = _named(argument, _URL, "--webhook")
        if targets.get(name) is not None:
            raise UsageError(
                f"--webhook {argument}: the client {name} has an endpoint; another client gets one"
                " by --webhook NAME=URL"
            )
        try:
            targets[name] = require_target(url)
        except ValueError as error:
            raise UsageError(
                f"--webhook {argument}: {error}; it has to be URL or NAME=URL, such as"
                " http://127.0.0.1:4000/hook"
            ) from None
    return targets


def _keys(keys: Iterable[str], names: Iterable[str]) -> dict[tuple[str, str], str]:
    """The keys that were chosen, by client and prefix. No message shows one."""
    chosen: dict[tuple[str, str], str] = {}
    for argument in keys:
        name, key = _named(argument, _KEY, "--webhook-secret")
        shown = f"--webhook-secret of {name}"
        if name not in names:
            raise UsageError(f"{shown}: there is no such client; --webhook {name}=URL makes it")
        prefix = next((prefix for prefix in _KEY if key.startswith(prefix)), None)
        if prefix is None:
            raise UsageError(f"{shown}: it has to begin with whsec_ or whsk_")
        try:
            parse_key(key)
        except KeyUnusable as error:
            raise UsageError(f"{shown}: {error}") from None
        if chosen.setdefault((name, prefix), key) != key:
            raise UsageError(f"{shown}: there are two of {prefix}")
    return chosen


def _named(argument: str, prefixes: tuple[str, ...], option: str) -> tuple[str, str]:
    if argument.startswith(prefixes):
        return CLIENT, argument
    name, sign, value = argument.partition("=")
    if not sign or not _NAME.fullmatch(name):
        raise UsageError(
            f"{option}: it has to begin with {' or '.join(prefixes)}, or with a client's NAME="
        )
    return name, value


def new_key(prefix: str) -> str:
    """A new key of 32 bytes: `whsec_...` or `whsk_...`."""
    return prefix + base64.b64encode(secrets.token_bytes(32)).decode()


def _bytes(key: str) -> bytes:
    return base64.b64decode(key.partition("_")[2])
