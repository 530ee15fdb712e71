"""SCF, as a command asks it: the functions of a deployment, the region's quota."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from liveproof.clouds.tencent.steps import NAMESPACE, QUALIFIER
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi
from liveproof_cli.deployments.functions import FunctionFailed, FunctionsUnknown
from liveproof_cli.deployments.tencent_account import explain_refusal
from liveproof_cli.errors import CannotBeDone

_VERSION = "2018-04-16"
_SECONDS = 60.0


class Concurrency(NamedTuple):
    """How much memory functions of a region may have at one moment, in MB.

    Attributes:
        limit: of all functions of the account.
        reserved: what single functions have reserved of it; the others share the rest.
    """

    limit: int
    reserved: int


class ScfFunctions:
    """The functions of a deployment, invoked with an operator's key.

    Args:
        deployed: the functions' names on SCF by their own.
    """

    def __init__(self, api: TencentApi, deployed: Mapping[str, str]) -> None:
        self._api, self._deployed = api, deployed

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._deployed)

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        if name not in self._deployed:
            raise FunctionsUnknown(
                f"The deployment's file names no function {name}: write the file again, with"
                " `terraform -chdir=infra/tencent output -json`."
            )
        parameters = {
            "FunctionName": self._deployed[name],
            "Namespace": NAMESPACE,
            "Qualifier": QUALIFIER,
            "InvocationType": "RequestResponse",
            "ClientContext": json.dumps(event),
        }
        try:
            answer = self._api.ask("scf", _VERSION, "Invoke", parameters, _SECONDS)["Result"]
        except VendorError as error:
            raise explain_refusal(error, "SCF", "scf:InvokeFunction") from None
        if answer.get("InvokeResult"):
            raise FunctionFailed(f"{name}: {_error(answer)}")
        return json.loads(answer["RetMsg"] or "null")

    def concurrency(self) -> Concurrency:
        """Of the region. Source: GetAccount (583/39873, 2025-10).

        Raises:
            CannotBeDone: SCF refuses, does not answer, or says something else.
        """
        try:
            usage = self._api.ask("scf", _VERSION, "GetAccount", {}, _SECONDS)["AccountUsage"]
            # What the vendor allows, and what the account set itself.
            limits = usage["TotalConcurrencyMem"], usage.get("UserConcurrencyMemLimit")
            reserved = int(usage["TotalAllocatedConcurrencyMem"])
            return Concurrency(min(int(limit) for limit in limits if limit), reserved)
        except VendorError as error:
            raise explain_refusal(error, "SCF", "scf:GetAccount") from None
        except (KeyError, TypeError, ValueError):
            raise CannotBeDone(
                "SCF's answer to GetAccount has no concurrency of the region."
            ) from None


def _error(answer: dict[str, Any]) -> str:
    try:
        document = json.loads(answer["RetMsg"])
        return str(document.get("errorMessage") or answer.get("ErrMsg"))
    except (KeyError, ValueError, AttributeError):
        return str(answer.get("ErrMsg") or "it failed")
