"""Asking a deployment's function on AWS, in a client's place: by Lambda's Invoke."""

from __future__ import annotations

import json

from liveproof.api.operator_requests import OperatorRequest
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused
from liveproof_cli.deployments.deployment import ApiAnswer
from liveproof_cli.errors import CannotBeDone

_SECONDS = 40.0
_MAX_BYTES = 6 * 1024 * 1024
"""Lambda's limit."""


def ask(clients: Clients, function: str, request: OperatorRequest) -> ApiAnswer:
    """The answer of the function to a request.

    Raises:
        AwsError: Lambda refused, or did not answer.
        CannotBeDone: the function gave no answer.
    """
    api, url = clients.function(function)
    body = json.dumps(request.event()).encode()
    response = api.send("Invoke", "POST", url, {}, body, total_seconds=_SECONDS)
    content = response.whole(_MAX_BYTES)
    if response.status != 200:
        code = str(response.headers.get("x-amzn-ErrorType") or response.status).partition(":")[0]
        raise AwsRefused("Invoke", response.status, code, {})
    try:
        answer = json.loads(content)
        return ApiAnswer(
            int(answer["statusCode"]),
            answer["body"].encode(),
            dict(answer["headers"]).get("Retry-After"),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        raise CannotBeDone(
            f"The function {function} failed: look into its log, and at its version."
        ) from None
