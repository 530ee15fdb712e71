"""One HTTP try of a webhook: to the checked address, no redirects, bounded in time and bytes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from liveproof import __version__
from liveproof.facts import WebhookSchedule
from liveproof.webhooks.addresses import AddressRefused, resolve


@dataclass(frozen=True)
class Response:
    """How an endpoint took a webhook.

    Attributes:
        status: the HTTP status, None when there was no answer.
        error: why there was no answer, a short code.
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


def send(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    schedule: WebhookSchedule,
    seconds_left: float,
    public_only: bool,
) -> Response:
    """POST `body` to `url`. Never raises for what the endpoint or the network does.

    Args:
        seconds_left: the function's remaining time; caps the schedule's timeouts.
        public_only: refuse http and addresses that are not public.
    """
    import urllib3

    started = time.monotonic()
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and (public_only or parts.scheme != "http"):
        return Response(None, "url_not_https", 0)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = resolve(host, port, public_only=public_only)
    except AddressRefused as refused:
        return Response(None, str(refused), _milliseconds_since(started))
    total = min(schedule.total_timeout_seconds, seconds_left)
    timeout = urllib3.Timeout(connect=schedule.connect_timeout_seconds, total=total)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=timeout,
            retries=False,
            server_hostname=host,
            assert_hostname=host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    all_headers = {
        **headers,
        "Host": parts.netloc.rpartition("@")[2],
        "Content-Type": "application/json",
        "User-Agent": f"liveproof/{__version__}",
    }
    try:
        response = pool.request(
            "POST", target, body=body, headers=all_headers, redirect=False, preload_content=False
        )
        response.read(schedule.response_bytes_read)
    except urllib3.exceptions.HTTPError as error:
        return Response(None, type(error).__name__, _milliseconds_since(started))
    finally:
        pool.close()
    retry_after = _retry_after(response.headers.get("Retry-After"))
    return Response(response.status, None, _milliseconds_since(started), retry_after)


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _retry_after(value: str | None) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
