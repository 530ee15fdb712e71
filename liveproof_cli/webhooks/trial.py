"""POST /v1/webhooks/test, from a command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from liveproof.api.operator_requests import OperatorRequest
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.outbound.urls import parse_target
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.functions import ApiAnswer
from liveproof_cli.errors import CannotBeDone

_PATH = "/v1/webhooks/test"
_SECONDS, _CONNECT_SECONDS = 40.0, 10.0
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True)
class Trial:
    """How an endpoint took a test, as the API says it."""

    document: dict[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether the endpoint answered 2xx."""
        return self.document["accepted"] is True

    @property
    def client(self) -> str:
        """Whose endpoint it is."""
        return str(self.document["client"])


def ask_for_test(api: str, api_key: str) -> Trial:
    """Ask a deployment's API for a test of the endpoint of the key's client.

    Raises:
        CannotBeDone: there was no test; the text says why.
    """
    try:
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        answer = exchange(
            "POST",
            parse_target(f"{api}{_PATH}"),
            headers,
            b"",
            deadline=Deadline(_SECONDS),
            connect_seconds=_CONNECT_SECONDS,
        )
        with answer:
            body = answer.whole(_MAX_BYTES, decode=True)
    except ExchangeFailed as failed:
        raise CannotBeDone(f"The API at {api} gives no answer: {failed.why}") from None
    return _read(ApiAnswer(answer.status, body, answer.headers.get("Retry-After")), f"at {api}")


def ask_deployment_for_test(deployment: Deployment, client: str) -> Trial:
    """Let the deployment test a client's endpoint, in the client's place.

    Raises:
        CannotBeDone: there was no test; the text says why.
    """
    answer = deployment.ask(OperatorRequest("POST", _PATH, client))
    return _read(answer, "for the function webhooks")


def _read(answer: ApiAnswer, where: str) -> Trial:
    try:
        document = json.loads(answer.body)
    except ValueError:
        raise CannotBeDone(f"What answers {where} is no API of liveproof") from None
    if answer.status == 200 and isinstance(document, dict) and "accepted" in document:
        return Trial(document)
    problem = document if isinstance(document, dict) else {}
    code, detail = problem.get("code", "no code"), problem.get("detail", "no detail")
    when = f" Ask again in {answer.retry_after} s." if answer.retry_after else ""
    raise CannotBeDone(f"The API answered {answer.status} {code}: {detail}.{when}")
