"""How an endpoint took a webhook, in plain words, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from liveproof.domain.delivery import OWN_FAULTS, WebhookResponse


class Explanation(NamedTuple):
    """What happened, and what to do; there is nothing to do after a success."""

    meaning: str
    advice: str | None


ERRORS = {
    "no_endpoint": Explanation(
        "The deployment has no endpoint for this client, so nothing was sent.",
        "The operator adds the client to the webhooks' secret.",
    ),
    "no_signing_key": Explanation(
        "The time of every secret of this endpoint is over, so nothing was sent.",
        "The operator adds a new secret to the webhooks' secret.",
    ),
    "deployment_fault": Explanation(
        "A fault of the deployment's own, such as a secret that cannot be read, so nothing was"
        " sent.",
        "The operator looks for `DELIVERY_FAULT` in the log: it names the fault.",
    ),
    "url_not_https": Explanation(
        "The endpoint's URL is not https, so nothing was sent.",
        "The operator corrects the URL in the webhooks' secret.",
    ),
    "url_unusable": Explanation(
        "The endpoint's URL cannot be used, so nothing was sent: an impossible host, port 0, a"
        " control character, a backslash in the host.",
        "The operator corrects the URL in the webhooks' secret.",
    ),
    "network_down": Explanation(
        "The deployment could reach neither the endpoint nor its vendor: its own DNS or network is"
        " down.",
        "Nothing is wrong with the endpoint. The operator looks at the deployment's network.",
    ),
    "name_not_resolved": Explanation(
        "DNS has no address for the endpoint's host.",
        "Check the host in the URL and its DNS records.",
    ),
    "address_not_public": Explanation(
        "The endpoint's host has an address that is not on the public internet, so nothing was"
        " sent.",
        "Give the host public addresses only, in IPv4 and in IPv6.",
    ),
    "not_connected": Explanation(
        "The endpoint accepts no connection.",
        "Check that it runs, its port, and the firewall before it.",
    ),
    "tls_failed": Explanation(
        "The TLS handshake failed, or the certificate is not of this host.",
        "Check the certificate: its names, its end, and the whole chain to a public authority.",
    ),
    "timed_out": Explanation(
        "The endpoint did not answer in time: within fifteen seconds from the DNS lookup on, or no"
        " connection within three.",
        "Answer 2xx as soon as the webhook is stored, and do the work afterwards.",
    ),
    "no_answer": Explanation(
        "The connection ended without an HTTP answer.",
        "Look into the endpoint's log, and into that of the proxy before it.",
    ),
}
"""By `error` in a delivery's log: the codes of `WebhookResponse.error`, and those of faults before
anything is sent."""

COST_NO_ATTEMPT = OWN_FAULTS | {"no_endpoint", "no_signing_key", "deployment_fault"}
"""The errors that are the deployment's own faults, not the endpoint's."""

_STATUSES = {
    400: "Most receivers answer this when the body is not what they expect: a test has the type"
    " `webhook.test`, and unknown types should be answered with 2xx.",
    401: "Most receivers answer this when the signature does not match: `liveproof webhook verify`"
    " says why.",
    403: "A firewall or a login stands before the endpoint: the sender has no login. If it is the"
    " receiver itself, `liveproof webhook verify` says why the signature does not match.",
    404: "Check the path in the endpoint's URL.",
    405: "Accept POST at this path.",
    410: "By this status an endpoint asks for no more webhooks. Answer 2xx if that is not meant.",
    413: "Accept bodies of 4 kB.",
    415: "Accept `application/json`.",
    429: "The endpoint limits the rate of requests. Make room for webhooks.",
}

_REDIRECT = "Redirects are not followed. Write the final address into the endpoint's URL."
_SERVER_ERROR = "Look into the endpoint's log: the receiver, or a proxy before it, failed."
_OTHER = "Answer 2xx: no other status counts as accepted."


def explain_response(response: WebhookResponse) -> Explanation:
    """The meaning of an answer, or of its absence. Raises KeyError for an unknown error code."""
    if response.error is not None:
        return ERRORS[response.error]
    status = response.status or 0
    meaning = f"The endpoint answered {status} after {response.latency_ms} ms."
    if response.accepted:
        return Explanation(f"{meaning} It accepts webhooks.", None)
    return Explanation(meaning, _STATUSES.get(status) or _advice_by_class(status))


def _advice_by_class(status: int) -> str:
    if 300 <= status < 400:
        return _REDIRECT
    return _SERVER_ERROR if status >= 500 else _OTHER
