"""GET requests of the evidence commands."""

from __future__ import annotations

import json
from typing import Any

from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.outbound.response import Response
from liveproof.outbound.urls import parse_target
from liveproof_cli.errors import CannotBeDone

_SECONDS, _CONNECT_SECONDS = 40.0, 10.0
_MAX_BYTES = 64 * 1024


def fetch(url: str, most_bytes: int) -> bytes:
    """What a URL answers, which the error does not show: it may be a signed one.

    Raises:
        CannotBeDone: it gives no answer, or refuses.
    """
    status, body = _get(url, {}, most_bytes)
    if status != 200:
        raise CannotBeDone(f"The server of the file answered {status}; ask for new URLs")
    return body


def fetch_links(api: str, api_key: str, verification_id: str) -> dict[str, Any]:
    """The answer of `GET /v1/verifications/{id}/evidence`.

    Raises:
        CannotBeDone: the API gives no answer, or refuses; the text says why.
    """
    headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
    status, body = _get(f"{api}/v1/verifications/{verification_id}/evidence", headers, _MAX_BYTES)
    try:
        document = json.loads(body)
    except ValueError:
        raise CannotBeDone(f"What answers at {api} is no API of liveproof") from None
    if status != 200 or not isinstance(document, dict):
        problem = document if isinstance(document, dict) else {}
        code, detail = problem.get("code", "no code"), problem.get("detail", "no detail")
        raise CannotBeDone(f"The API answered {status} {code}: {detail}")
    return document


def _get(url: str, headers: dict[str, str], most_bytes: int) -> tuple[int, bytes]:
    target = parse_target(url)
    try:
        answer: Response = exchange(
            "GET",
            target,
            headers,
            b"",
            deadline=Deadline(_SECONDS),
            connect_seconds=_CONNECT_SECONDS,
        )
        with answer:
            return answer.status, answer.whole(most_bytes, decode=True)
    except ExchangeFailed as failed:
        raise CannotBeDone(f"{target.origin} gives no answer: {failed.why}") from None
