"""The Secrets port on SSM."""

from __future__ import annotations

import base64
from typing import Any

from liveproof.clouds.cached_secrets import CachedSecrets
from liveproof.clouds.tencent.retrying import RetryingApi, error_code
from liveproof.ports import Clock, SecretUnusable
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi


class SsmSecrets(CachedSecrets):
    """Secrets by NAME:VERSION."""

    def __init__(self, api: TencentApi, lifetime: int, clock: Clock) -> None:
        super().__init__(self._read_value, lifetime, clock)
        self._ssm = RetryingApi(api, "ssm", "2019-09-23", clock)

    def _read_value(self, name: str) -> bytes:
        """A secret's text. Raises no VendorError: the caller would take it for the paid call's."""
        secret, _, version = name.partition(":")
        if not secret or not version:
            # SSM keeps no current version of a user's own secret (1078/38649).
            raise SecretUnusable(f"secret {name}: write it as NAME:VERSION, SSM asks for both")
        parameters = {"SecretName": secret, "VersionId": version}
        try:
            answer = self._ssm.request("GetSecretValue", parameters)
        except VendorError as error:
            raise SecretUnusable(f"secret {name}: SSM: {error_code(error)}") from None
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
