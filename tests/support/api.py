"""liveproof's HTTP API, one request at a time: what tests look at is each answer.

`liveproof_client` tries again where it is safe, which would hide a fault from a test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tools import http_client


class ApiError(Exception):
    """The API answered with a problem document; `status` and `code` say which."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """`problem` is the RFC 9457 document."""
        self.status, self.problem = status, problem
        self.code = str(problem.get("code", "no code"))
        super().__init__(
            f"HTTP {status} {self.code}: {problem.get('detail', problem.get('title', ''))}"
        )


class Api:
    """liveproof's HTTP API.

    Every method raises ApiError for a problem document and OSError when there is no answer.
    """

    def __init__(self, url: str, api_key: str, timeout: float = 30.0) -> None:
        """`url`: the API's, without a slash at the end; `timeout`: seconds per request."""
        self._url, self._api_key, self._timeout = url, api_key, timeout

    def create(self, body: Mapping[str, Any], idempotency_key: str | None = None) -> dict[str, Any]:
        """POST /v1/verifications. With an idempotency key it may be repeated after a failure."""
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._request("POST", "/v1/verifications", body, extra)

    def reflect_sequence(self, device_data: str, security_level: int = 4) -> dict[str, Any]:
        """POST /v1/reflect-sequences: a light sequence for the mobile SDK's JSON text."""
        body = {"device_data": device_data, "security_level": security_level}
        return self._request("POST", "/v1/reflect-sequences", body)

    def renew(self, verification_id: str) -> dict[str, Any]:
        """POST /v1/verifications/{id}/uploads: fresh URLs for what has not arrived."""
        return self._request("POST", f"/v1/verifications/{verification_id}/uploads", {})

    def resend(self, verification_id: str) -> dict[str, Any]:
        """POST /v1/verifications/{id}/deliveries: the webhook again."""
        return self._request("POST", f"/v1/verifications/{verification_id}/deliveries", {})

    def test_webhook(self) -> dict[str, Any]:
        """POST /v1/webhooks/test: a signed test to the client's endpoint, and how it was taken."""
        return self._request("POST", "/v1/webhooks/test", {})

    def read(self, verification_id: str) -> dict[str, Any]:
        """GET /v1/verifications/{id}."""
        return self._request("GET", f"/v1/verifications/{verification_id}")

    def delete(self, verification_id: str) -> dict[str, Any]:
        """DELETE /v1/verifications/{id}: erases it."""
        return self._request("DELETE", f"/v1/verifications/{verification_id}")

    def newest(self, limit: int = 50, **conditions: str) -> dict[str, Any]:
        """GET /v1/verifications: newest first; `conditions` are status, decision, reference..."""
        query = urlencode({"limit": limit, **conditions})
        return self._request("GET", f"/v1/verifications?{query}")

    def resend_range(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v1/deliveries: the webhooks of a period again; a dry run by default."""
        return self._request("POST", "/v1/deliveries", body)

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._api_key}", "Accept": "application/json"}
        headers |= extra or {}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
        answer = http_client.request(method, self._url + path, headers, data, self._timeout)
        try:
            document = json.loads(answer.body)
        except ValueError:
            document = {"detail": f"not JSON: {answer.body[:200]!r}"}
        if answer.status >= 400 or not isinstance(document, dict):
            raise ApiError(answer.status, document if isinstance(document, dict) else {})
        return document
