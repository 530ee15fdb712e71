"""SCF, as a command asks it: the functions of a deployment."""

from __future__ import annotations

import json
import os
from typing import Any

from liveproof.clouds.tencent.steps import NAMESPACE, QUALIFIER
from liveproof.secret_documents import VendorKey
from liveproof.vendors.tencent.api import TencentApi
from liveproof_cli.deployments.functions import FunctionFailed, FunctionsUnknown

NAMES = ("api", "webhooks", "verify_upload", "run_check", "deliver_result", "sweep")
ENDPOINT = "https://scf.tencentcloudapi.com"
_SECONDS = 60.0


class ScfFunctions:
    """The functions of a deployment, invoked with an operator's key.

    Args:
        prefix: what their names begin with, such as `liveproof-production-`.
    """

    names = NAMES

    def __init__(self, api: TencentApi, prefix: str) -> None:
        self._api, self._prefix = api, prefix

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        parameters = {
            "FunctionName": f"{self._prefix}{name}",
            "Namespace": NAMESPACE,
            "Qualifier": QUALIFIER,
            "InvocationType": "RequestResponse",
            "ClientContext": json.dumps(event),
        }
        answer = self._api.ask("scf", "2018-04-16", "Invoke", parameters, _SECONDS)["Result"]
        if answer.get("InvokeResult"):
            raise FunctionFailed(f"{name}: {_error(answer)}")
        return json.loads(answer["RetMsg"] or "null")


def _error(answer: dict[str, Any]) -> str:
    try:
        document = json.loads(answer["RetMsg"])
        return str(document.get("errorMessage") or answer.get("ErrMsg"))
    except (KeyError, ValueError, AttributeError):
        return str(answer.get("ErrMsg") or "it failed")


def key_of_environment() -> VendorKey:
    """The key of the shell, under the names that Terraform's provider reads.

    Raises:
        FunctionsUnknown: there is none.
    """
    secret_id = os.environ.get("TENCENTCLOUD_SECRET_ID")
    secret_key = os.environ.get("TENCENTCLOUD_SECRET_KEY")
    if not secret_id or not secret_key:
        raise FunctionsUnknown(
            "functions are invoked with your key: set TENCENTCLOUD_SECRET_ID and"
            " TENCENTCLOUD_SECRET_KEY, with the permission scf:InvokeFunction"
        )
    return VendorKey(secret_id, secret_key, os.environ.get("TENCENTCLOUD_SECURITY_TOKEN") or None)
