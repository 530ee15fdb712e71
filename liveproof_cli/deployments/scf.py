"""Asking a deployment's function on Tencent Cloud, in a client's place: by SCF's Invoke."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof.api.operator_requests import OperatorRequest
from liveproof.clouds.tencent.forwarding import NotForwarded, forward
from liveproof.vendors.tencent.api import TencentApi
from liveproof_cli.deployments.deployment import ApiAnswer
from liveproof_cli.errors import CannotBeDone

_SECONDS = 40.0


def ask(api: TencentApi, functions: Mapping[str, str], request: OperatorRequest) -> ApiAnswer:
    """The answer of the function `webhooks`.

    Args:
        functions: the deployed names of the functions, by their names.

    Raises:
        CannotBeDone: it gave none.
    """
    function = functions.get("webhooks")
    if function is None:
        raise CannotBeDone(
            "The deployment's file names no function webhooks: write the file again, with"
            " `terraform -chdir=infra/tencent output -json`."
        )
    try:
        response = forward(api, function, request.event(), _SECONDS)
    except NotForwarded as error:
        raise CannotBeDone(
            f"The deployment gives no answer: {error}. The key has to be one that may use"
            " scf:InvokeFunction."
        ) from None
    return ApiAnswer(response.status, response.body, response.headers.get("Retry-After"))
