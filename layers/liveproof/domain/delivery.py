"""What one HTTP try of a webhook led to."""

from __future__ import annotations

from dataclasses import dataclass

from liveproof.domain.endpoint_health import Outcome, Report

_GONE = 410
"""Standard Webhooks 1.0.0: the endpoint wants no more webhooks."""

OWN_FAULTS = frozenset({"url_not_https", "url_unusable", "network_down"})


@dataclass(frozen=True)
class WebhookResponse:
    """How an endpoint took a webhook.

    Attributes:
        status: the HTTP status, None when there was no answer.
        error: why there was no answer, a short code: url_not_https, url_unusable, network_down,
            name_not_resolved, address_not_public, timed_out, not_connected, tls_failed or
            no_answer.
        retry_after: seconds that the endpoint asked to wait, None without a usable header.
        answer: the first characters of its body, escaped; None where there are none.
    """

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None
    answer: str | None = None

    @property
    def accepted(self) -> bool:
        """Standard Webhooks: only a 2xx counts."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def report(self) -> Report:
        """What it says of the endpoint."""
        outcome = Outcome.ACCEPTED if self.accepted else Outcome.FAILED
        if self.status == _GONE:
            outcome = Outcome.GONE
        if self.is_own_fault:
            outcome = Outcome.NOT_MADE
        return Report(outcome, self.error or str(self.status), self.latency_ms)

    @property
    def is_own_fault(self) -> bool:
        """Whether the deployment itself kept the webhook from the endpoint."""
        return self.error in OWN_FAULTS
