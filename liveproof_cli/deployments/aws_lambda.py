"""Lambda, as a command asks it: the functions, the account's limits, the event sources.

Operations and fields: the API reference of AWS Lambda.
"""

from __future__ import annotations

import json
from typing import Any

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused, AwsUnanswered, ResourceMissing
from liveproof.outbound.errors import AnswerLost
from liveproof.self_test.run import TRIALS
from liveproof_cli.deployments.functions import FunctionFailed

_SECONDS = 120
"""A function's first run has to start it, and a self-test waits for what does not answer. A dozen
self-tests begin at the same time, on the local cloud on one machine."""
_MOST_BYTES = 6_300_000
_API = "api"
"""The function of every route, on Tencent Cloud only."""


class LambdaFunctions:
    """The functions of a stack.

    Args:
        prefix: what their names begin with, such as `liveproof-production-`.
    """

    names = tuple(name for name in TRIALS if name != _API)

    def __init__(self, clients: Clients, prefix: str) -> None:
        self._api = clients.api_of("lambda")
        self._url = clients.url_of("lambda", "LAMBDA")
        self._prefix = prefix

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        path = f"2015-03-31/functions/{self._prefix}{name}/invocations"
        value, failed = self._send("Invoke", "POST", path, json.dumps(event).encode())
        if failed:
            error = value if isinstance(value, dict) else {}
            text = f"{error.get('errorType', failed)}: {error.get('errorMessage', '')}"
            raise FunctionFailed(f"{name}: {text}")
        return value

    def concurrent_executions(self) -> int:
        """How many runs the account may have at once."""
        answer, _ = self._send("GetAccountSettings", "GET", "2016-08-19/account-settings/")
        return int(answer["AccountLimit"]["ConcurrentExecutions"])

    def maximum_concurrency(self, name: str) -> dict[str, int]:
        """How many runs each queue of a function may start at once, by the queue's ARN."""
        path = f"2015-03-31/event-source-mappings/?FunctionName={self._prefix}{name}"
        answer, _ = self._send("ListEventSourceMappings", "GET", path)
        return {
            source["EventSourceArn"]: int(source["ScalingConfig"]["MaximumConcurrency"])
            for source in answer["EventSourceMappings"]
            if source.get("ScalingConfig", {}).get("MaximumConcurrency")
        }

    def _send(self, operation: str, method: str, path: str, body: bytes = b"") -> tuple[Any, str]:
        """The answer's document, and of which kind the function's error is."""
        headers = {"Content-Type": "application/json"} if body else {}
        response = self._api.send(
            operation, method, f"{self._url}/{path}", headers, body, total_seconds=_SECONDS
        )
        try:
            with response:
                text = response.whole(_MOST_BYTES)
        except AnswerLost as lost:
            raise AwsUnanswered(operation, lost.why, sent=True) from None
        if response.status != 200:
            code = str(response.headers.get("x-amzn-ErrorType") or response.status)
            code = code.partition(":")[0]
            kind = ResourceMissing if code == "ResourceNotFoundException" else AwsRefused
            raise kind(operation, response.status, code)
        failed = str(response.headers.get("X-Amz-Function-Error") or "")
        try:
            return json.loads(text or b"null"), failed
        except (ValueError, RecursionError):
            raise AwsUnanswered(operation, "no JSON", sent=True) from None
