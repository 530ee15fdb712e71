"""Which client a request comes from, by its API key."""

from __future__ import annotations

import re

from liveproof.api.http import Request
from liveproof.api.problems import Unauthorized
from liveproof.dependencies import Dependencies
from liveproof.secret_documents import ApiClient, ApiKeys, read_secret
from liveproof.use_cases.errors import NotFound

# Other bytes come as one text or another, according to the cloud; no API key has any.
_VISIBLE_ASCII = re.compile("[!-~]+")


def authenticate(dependencies: Dependencies, request: Request) -> tuple[str, ApiClient]:
    """The name and the entry of the client that the request's API key belongs to.

    Raises:
        Unauthorized: no key, or an unknown one.
        SecretUnusable: the keys cannot be read.
    """
    scheme, _, api_key = request.headers.get("authorization", "").partition(" ")
    api_key = api_key.strip()
    if scheme.lower() != "bearer" or not api_key:
        raise Unauthorized("send the API key as Authorization: Bearer KEY", "Authorization")
    if not _VISIBLE_ASCII.fullmatch(api_key):
        raise Unauthorized("an API key has ASCII characters only, and no space", "Authorization")
    secrets, secret = dependencies.secrets, dependencies.settings.api_keys_secret
    keys = read_secret(secrets, secret, ApiKeys)
    name = keys.client_of(api_key)
    if name is None and secrets.refresh(secret):
        # The key may be younger than what this container has cached.
        keys = read_secret(secrets, secret, ApiKeys)
        name = keys.client_of(api_key)
    if name is None:
        raise Unauthorized("the API key is not known", "Authorization")
    return name, keys.clients[name]


def client_named(dependencies: Dependencies, name: str) -> tuple[str, ApiClient]:
    """The name and the entry of a client for which an operator asks.

    Raises:
        NotFound: there is no such client.
        SecretUnusable: the keys cannot be read.
    """
    secret = dependencies.settings.api_keys_secret
    client = read_secret(dependencies.secrets, secret, ApiKeys).clients.get(name)
    if client is None:
        raise NotFound("there is no client of this name")
    return name, client
