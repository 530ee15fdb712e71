"""Asking another function for the answer to a request: synchronous Invoke with the event as it is.

A function URL belongs to one function, and that function should not be able to read every secret.
"""

from __future__ import annotations

import json
from typing import Any

from liveproof.api.http import Response
from liveproof.clouds.tencent.retrying import error_code
from liveproof.clouds.tencent.steps import NAMESPACE, QUALIFIER
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi


class NotForwarded(Exception):
    """The other function gave no answer. The text says why and shows nothing of the request."""


def forward(api: TencentApi, function: str, event: Any, seconds: float) -> Response:
    """The answer of another function to an event of a function URL. Asked once: it may send.

    Args:
        api: the account's, of SCF's endpoint.
        function: its deployed name.
        seconds: for all of it.

    Raises:
        NotForwarded: SCF refused, the function failed, or it gave back what is no answer.
    """
    parameters = {
        "FunctionName": function,
        "Namespace": NAMESPACE,
        "Qualifier": QUALIFIER,
        "InvocationType": "RequestResponse",
        "ClientContext": json.dumps(event),
    }
    try:
        answer = api.ask("scf", "2018-04-16", "Invoke", parameters, seconds)
    except VendorError as error:
        raise NotForwarded(f"{function}: SCF: {error_code(error)}") from None
    try:
        result = answer["Result"]
        if result["InvokeResult"] != 0:
            raise NotForwarded(f"{function}: the function failed")
        value = json.loads(result["RetMsg"])
        return Response(int(value["statusCode"]), value["body"].encode(), dict(value["headers"]))
    except (TypeError, KeyError, ValueError, AttributeError):
        raise NotForwarded(f"{function}: no answer to a request came back") from None
