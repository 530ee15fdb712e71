"""Why a webhook's signature does not match: each cause in plain words, with what to do about it."""

from __future__ import annotations

from typing import NamedTuple


class Cause(NamedTuple):
    """A cause: its short name, what it means if it fits, and what to do then."""

    title: str
    meaning: str
    advice: str


CAUSES: dict[str, Cause] = {
    "headers_missing": Cause(
        "a missing header",
        "A header of Standard Webhooks is missing.",
        "Take webhook-id, webhook-timestamp and webhook-signature from the request as it arrived;"
        " look for a proxy that drops them.",
    ),
    "key_unusable": Cause(
        "an unreadable secret",
        "The secret cannot be read.",
        "Copy it again from the operator of the deployment: whsec_ (or whpk_) and base64.",
    ),
    "signature_unreadable": Cause(
        "a changed header webhook-signature",
        "The header webhook-signature is not as it was sent: it holds entries such as v1,BASE64"
        " with one space between.",
        "Pass the header on as one text. Do not split it at the comma.",
    ),
    "no_signature_for_key": Cause(
        "a key of another version",
        "No signature in the header is of the version that this key verifies: whsec_ verifies v1,"
        " whpk_ verifies v1a.",
        "Use the other key, or ask the operator which keys sign for you.",
    ),
    "clock": Cause(
        "a clock that is wrong",
        "The signature is right, and the timestamp is too far from now.",
        "If this is a request that you recorded, say when it arrived: --received-at. Else set your"
        " server's clock, and verify on arrival and not from a queue. An old request that comes"
        " again may be a replay.",
    ),
    "timestamp_changed": Cause(
        "another timestamp",
        "The signature is of another timestamp than the header's.",
        "Sign over the text of the header webhook-timestamp, not over your own clock.",
    ),
    "wrong_id": Cause(
        "another id",
        "The signature is of another id than the one in webhook-id.",
        "Use the header webhook-id (msg_...), and not data.id of the body.",
    ),
    "secret_as_text": Cause(
        "the secret used as text",
        "Whoever signed used the secret's text as the key.",
        "The key is the decoded base64 after whsec_: 24 to 64 bytes.",
    ),
    "public_key_as_secret": Cause(
        "a public key used as the secret",
        "What was taken for a secret is the public key: it verifies v1a.",
        "Write whpk_ before it and verify v1a, or take the secret (whsec_) for v1.",
    ),
    "body_newline": Cause(
        "a newline at the body's end",
        "The body has a newline at its end that was not sent, or lost one.",
        "Verify the bytes as they arrived. An editor or `echo` adds a newline; `printf %s` does"
        " not.",
    ),
    "body_spaces": Cause(
        "spaces or a byte order mark around the body",
        "The body has spaces or a byte order mark around it that were not sent.",
        "Verify the bytes as they arrived.",
    ),
    "body_written_again": Cause(
        "a body that was parsed and written again",
        "The body was parsed and written again: the same JSON in other bytes.",
        "Take the raw bytes before any JSON parser does: express.raw in Express, request.body() in"
        " FastAPI, request.get_data() in Flask.",
    ),
    "body_as_text": Cause(
        "a body that was made a text twice",
        "The body was turned into a text once more: quotes and backslashes were added.",
        "Do not call JSON.stringify, str() or repr() on a body that is bytes or text already.",
    ),
    "body_base64": Cause(
        "a body in base64",
        "The body is still in base64, as AWS's gateways hand it to a function.",
        "Decode it first when isBase64Encoded is true.",
    ),
    "body_escaped": Cause(
        "an escaped body",
        "The body is escaped as HTML or as a form.",
        "Take the raw bytes; liveproof sends application/json.",
    ),
    "body_compressed": Cause(
        "a compressed body",
        "The body was compressed after it was sent.",
        "Undo the proxy's Content-Encoding before you verify.",
    ),
    "body_empty": Cause(
        "an empty body",
        "The body is empty.",
        "Something has read it before: read it once, keep the bytes, and parse them after you have"
        " verified.",
    ),
    "wrong_secret": Cause(
        "another secret",
        "This secret has not signed this webhook.",
        "Compare it with the operator's: another client's, another stage's, or one that was"
        " replaced.",
    ),
    "body_changed": Cause(
        "a changed body",
        "The body is not what was signed: something in it was changed.",
        "Compare it with GET /v1/verifications/{id}. Whoever has changed it may not mean well: do"
        " not trust it.",
    ),
    "unexplained": Cause(
        "anything else",
        "None of the usual causes fits. Either this secret has not signed the webhook, or the body"
        " was changed in an unusual way.",
        "Compare the secret with the operator's, and take the body's raw bytes as they arrive.",
    ),
}
"""By code; the codes are stable."""
