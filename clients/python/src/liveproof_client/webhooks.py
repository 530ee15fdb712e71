"""Verifies webhooks by the standard's own library: `pip install liveproof-client[webhooks]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from liveproof_client.models import Webhook, WebhookErased, WebhookTest

__all__ = ["WebhookVerificationError", "verify_webhook"]


def verify_webhook(
    body: bytes, headers: Mapping[str, str], *secrets: str
) -> Webhook | WebhookErased | WebhookTest:
    """The webhook's JSON object, if one of the secrets signed exactly these bytes.

    A webhook may arrive more than once: go by the header `webhook-id`.

    Args:
        body: the request's, unchanged: not parsed and written again.
        headers: the request's; upper and lower case do not matter.
        secrets: `whsec_...`; while a secret is rotated, the new and the old one.

    Raises:
        WebhookVerificationError: no signature fits, the timestamp is more than five minutes away,
            or a header is missing. Answer 401.
        ValueError: no secret was given, or the body is not JSON.
    """
    if not secrets:
        raise ValueError("verify_webhook needs a secret (whsec_...)")
    lower = {name.lower(): value for name, value in headers.items()}
    return cast("Webhook | WebhookErased | WebhookTest", _verified(body, lower, secrets))


def _verified(body: bytes, headers: dict[str, str], secrets: Sequence[str]) -> object:
    *others, last = secrets
    for secret in others:
        try:
            return Verifier(secret).verify(body, headers)
        except WebhookVerificationError:
            continue
    return Verifier(last).verify(body, headers)
