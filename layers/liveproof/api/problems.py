"""Every answer that is not a success, in one table: an error's HTTP status, code, title, advice.

Such an answer is a problem document (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from liveproof.ports import SecretUnusable
from liveproof.use_cases.errors import (
    Erased,
    EvidenceExpired,
    FilesRejected,
    IdempotencyKeyReused,
    InvalidRequest,
    InvalidState,
    NotDecided,
    NotFound,
    Refusal,
    RetryLater,
    SpendLimitReached,
    TooManyAttempts,
    TooManyOpen,
    TooSoon,
    VendorBusy,
    VendorFailed,
)
from liveproof.use_cases.renew_uploads import MAX_KEYS

CONTENT_TYPE = "application/problem+json"

_LONGEST_DETAIL, _LONGEST_FIELD = 500, 200
"""Characters: a name may be as long as the request that it came in."""


class Unauthorized(Refusal):
    """No API key, or one that is not known."""


class BodyTooLarge(Refusal):
    """The request's body is too large."""


@dataclass(frozen=True)
class Problem:
    """How HTTP answers a kind of error.

    Attributes:
        status: the HTTP status.
        code: stable; clients may switch on it.
        title: the same for every answer with this code.
        advice: what a client should do, for docs/api.md.
        detail: the text for people where the error's own text is not for clients.
        headers: the headers that come with it, and their meaning.
    """

    status: int
    code: str
    title: str
    advice: str
    detail: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


_RETRY_AFTER = "the whole seconds after which the request may succeed"

PROBLEMS: dict[type[Exception], Problem] = {
    InvalidRequest: Problem(
        400,
        "invalid_request",
        "The request is not valid",
        "Correct the request. Sending it again unchanged does not help.",
    ),
    Unauthorized: Problem(
        401,
        "unauthorized",
        "A valid API key is needed",
        "Check the key and the word `Bearer`. A new key works at once, or within ten seconds while"
        " others try wrong keys: [rotation](rotation.md).",
        headers={"WWW-Authenticate": "`Bearer`: how to authenticate"},
    ),
    NotFound: Problem(
        404,
        "not_found",
        "There is no such thing",
        "The id is wrong, belongs to another client, or its record's time is over.",
    ),
    InvalidState: Problem(
        409,
        "not_allowed_now",
        "The verification's state does not allow this",
        "For a create: a request with the same `Idempotency-Key` is being served; ask again."
        " Otherwise read the verification and look at `status`. For uploads: ask for a new"
        f" verification. An input's URLs are issued at most {MAX_KEYS} times.",
    ),
    NotDecided: Problem(
        409,
        "not_decided",
        "There is no decision yet",
        "Wait for the webhook, or read the verification and look at `status`; then ask again.",
    ),
    Erased: Problem(
        410,
        "erased",
        "The verification is erased",
        "Its files and personal fields are deleted, for somebody asked for that. Its decision can"
        " still be read.",
    ),
    EvidenceExpired: Problem(
        410,
        "evidence_expired",
        "The evidence is no longer kept",
        "The bucket has deleted it after `evidenceExpireDays`. The verification itself can still be"
        " read. Fetch evidence earlier, or ask the operator to keep it longer.",
    ),
    BodyTooLarge: Problem(
        413,
        "request_too_large",
        "The request is too large",
        "The body is no place for files; they go to the bucket.",
    ),
    IdempotencyKeyReused: Problem(
        422,
        "idempotency_key_reused",
        "The idempotency key was used differently",
        "The key came with another request within a day. Use a new key for a new request.",
    ),
    TooSoon: Problem(
        429,
        "too_soon",
        "It is too early for this request",
        "`POST /v1/deliveries` and `POST /v1/webhooks/test` have this answer. Wait as many seconds"
        " as the header `Retry-After` says, and send the request again. The platform has a 429 of"
        " its own, without this code: there are too many requests of any kind.",
        headers={"Retry-After": _RETRY_AFTER},
    ),
    TooManyAttempts: Problem(
        429,
        "too_many_attempts",
        "The verifications of the day are used up",
        "`field` is `reference` if the limit is that of one reference, and is missing if it is"
        " yours. `Retry-After` lasts until the next day begins in UTC. The operator sets"
        " [the limits](limits.md).",
        headers={"Retry-After": _RETRY_AFTER},
    ),
    TooManyOpen: Problem(
        429,
        "too_many_open",
        "There are too many undecided verifications",
        "Wait until some of yours are decided or expire. Ask for a verification when the person is"
        " there, not in advance. The operator sets [the limits](limits.md).",
        headers={"Retry-After": _RETRY_AFTER},
    ),
    SpendLimitReached: Problem(
        429,
        "spend_limit_reached",
        "The money of the day is spent",
        "Nothing is wrong with the request. `detail` says whether the limit is yours or that of the"
        " whole deployment. Tell the operator, who sets [the limits](limits.md).",
        headers={"Retry-After": _RETRY_AFTER},
    ),
    FilesRejected: Problem(
        429,
        "files_already_rejected",
        "The same files were rejected",
        "The vendor would judge the same files in the same way, and bill them again. Let the person"
        " capture again.",
        headers={"Retry-After": _RETRY_AFTER},
    ),
    VendorFailed: Problem(
        502,
        "vendor_failed",
        "The vendor did not give an answer",
        "Only light sequences have this answer. Send the request again after a second or two."
        " `detail` ends with what went wrong; if it is a code of the vendor and stays the same,"
        " tell the operator: [what codes mean](reasons.md).",
    ),
    VendorBusy: Problem(
        503,
        "vendor_busy",
        "The vendor takes no more requests at the moment",
        "Only light sequences have this answer. More of them are asked for than the vendor allows,"
        " or the vendor is down. Wait as many seconds as the header `Retry-After` says, and send"
        " the request again.",
        headers={"Retry-After": _RETRY_AFTER},
    ),
    SecretUnusable: Problem(
        503,
        "not_configured",
        "A secret of the deployment cannot be used",
        "Nothing is wrong with the request. The operator has to put a secret right, and an alarm"
        " says so: [alarms](alarms.md). Send the request again later, a create"
        " with the same `Idempotency-Key`.",
        detail="the deployment's operator has to act; ask again later",
    ),
    Exception: Problem(
        500,
        "internal_error",
        "Something went wrong on this side",
        "Nothing is wrong with the request. Send it again, a create with the same"
        " `Idempotency-Key`.",
        detail="the request could not be served; ask again later",
    ),
}
"""By class of error; a subclass is answered as its nearest base."""


def problem_of(error: Exception) -> Problem:
    """How HTTP answers the error."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def problem_document(error: Exception) -> dict[str, Any]:
    """The problem document that a client gets for the error."""
    problem = problem_of(error)
    document: dict[str, Any] = {
        "type": f"urn:liveproof:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or _presentable(str(error), _LONGEST_DETAIL),
        "code": problem.code,
    }
    if isinstance(error, Refusal) and error.field is not None:
        document["field"] = _presentable(error.field, _LONGEST_FIELD)
    return document


def problem_headers(error: Exception) -> dict[str, str]:
    """The headers that an error's answer has besides those of every answer."""
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(error.retry_after)} if isinstance(error, RetryLater) else {}


def _presentable(text: str, longest: int) -> str:
    """The text as valid Unicode, cut to `longest` characters."""
    valid = text.encode("utf-8", "replace").decode()
    return valid if len(valid) <= longest else f"{valid[:longest]}..."
