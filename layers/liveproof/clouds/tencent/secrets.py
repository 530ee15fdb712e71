"""The Secrets port on SSM."""

from __future__ import annotations

import base64
from typing import Any

from liveproof.clouds.cached_secrets import CachedSecrets
from liveproof.clouds.tencent.asking import ask, told
from liveproof.ports import Clock, SecretUnusable
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi

_SERVICE, _VERSION = "ssm", "2019-09-23"


class SsmSecrets(CachedSecrets):
    """Secrets by NAME:VERSION."""

    def __init__(self, api: TencentApi, lifetime: int, clock: Clock) -> None:
        super().__init__(self._value, lifetime, clock)
        self._api = api

    def _value(self, name: str) -> bytes:
        """Every failure is the secret's: a vendor's error would look like the paid call's own."""
        secret, _, version = name.partition(":")
        if not secret or not version:
            # SSM keeps no current version of a user's own secret (1078/38649).
            raise SecretUnusable(f"secret {name}: write it as NAME:VERSION, SSM asks for both")
        parameters = {"SecretName": secret, "VersionId": version}
        try:
            answer = ask(self._api, self._clock, _SERVICE, _VERSION, "GetSecretValue", parameters)
        except VendorError as error:
            raise SecretUnusable(f"secret {name}: SSM: {told(error)}") from None
        value = _text(answer)
        if not value:
            raise SecretUnusable(f"secret {name}: it has no value")
        return value


def _text(answer: dict[str, Any]) -> bytes | None:
    text, binary = answer.get("SecretString"), answer.get("SecretBinary")
    if isinstance(text, str) and text:
        return text.encode()
    if not isinstance(binary, str):
        return None
    try:
        return base64.b64decode(binary, validate=True)
    except ValueError:
        return None
