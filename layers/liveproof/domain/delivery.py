"""What one HTTP try of a webhook led to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WebhookResponse:
    """How an endpoint took a webhook.

    Attributes:
        status: the HTTP status, None when there was no answer.
        error: why there was no answer, a short code: url_not_https, url_unusable,
            name_not_resolved, address_not_public, timed_out, not_connected, tls_failed or
            no_answer.
        retry_after: seconds that the endpoint asked to wait, None without a usable header.
    """

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Standard Webhooks: only a 2xx counts."""
        return self.status is not None and 200 <= self.status < 300
