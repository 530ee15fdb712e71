"""An operator's way to the deployment's secrets in Tencent Cloud's SSM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.clock import SystemClock
from liveproof.clouds.tencent.retrying import RetryingApi, error_code
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi
from liveproof_cli.deployments.tencent_account import explain_refusal
from liveproof_cli.errors import CannotBeDone

_PERMISSIONS = ("ssm:GetSecretValue", "ssm:UpdateSecret", "ssm:PutSecretValue")


class SsmStore:
    """The secrets' values, in the versions that the functions read.

    Every method raises CannotBeDone.

    Args:
        names: NAME:VERSION by the outputs' names, such as `api_keys`.
    """

    def __init__(self, api: TencentApi, names: Mapping[str, str]) -> None:
        self._ssm = RetryingApi(api, "ssm", "2019-09-23", SystemClock())
        self._names = names

    def get(self, name: str) -> bytes:
        """The text of a secret by its name, such as `api-keys`."""
        version = self._version(name)
        try:
            answer = self._ssm.request("GetSecretValue", version)
        except VendorError as error:
            if error_code(error).startswith("ResourceNotFound"):
                raise CannotBeDone(f"The secret {name} has no value yet.") from None
            raise explain_refusal(error, "SSM", *_PERMISSIONS) from None
        return str(answer.get("SecretString", "")).encode()

    def put(self, name: str, content: bytes) -> None:
        """Write the text over the former one, or as the first one of the version."""
        parameters = {**self._version(name), "SecretString": content.decode()}
        try:
            try:
                self._ssm.request("UpdateSecret", parameters)
            except VendorError as error:
                if not error_code(error).startswith("ResourceNotFound"):
                    raise
                self._ssm.request("PutSecretValue", parameters)
        except VendorError as error:
            raise explain_refusal(error, "SSM", *_PERMISSIONS) from None

    def _version(self, name: str) -> dict[str, Any]:
        secret, _, version = self._names.get(name.replace("-", "_"), "").partition(":")
        if not version:
            raise CannotBeDone(
                f"The deployment's file names no secret {name}: write the file again, with"
                " `terraform -chdir=infra/tencent output -json`."
            )
        return {"SecretName": secret, "VersionId": version}
