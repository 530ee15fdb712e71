"""HTTP errors as RFC 9457 problem documents, each with a stable code.

Problem
├── InvalidRequest          400  the body, a header, a query parameter: `field` names it
├── Unauthorized            401
├── NotFound                404
├── NotAllowedNow           409  the verification's state does not allow it
├── TooLarge                413
├── IdempotencyKeyReused    422
├── VendorFailed            502  a vendor that answers while the client waits did not
├── VendorBusy              503  the vendor's quota is used up for the next seconds
└── NotConfigured           503  a secret of the deployment cannot be used
"""

from __future__ import annotations

from typing import Any

CONTENT_TYPE = "application/problem+json"

_LONGEST_DETAIL, _LONGEST_FIELD = 500, 200
"""Characters: a name may be as long as the request that it came in."""


class Problem(Exception):
    """An answer that is not a success.

    Attributes:
        status: the HTTP status.
        code: stable; clients may switch on it.
        title: the same for every problem with this code.
        detail: this occurrence, for people; names the limit that was broken.
        field: the part of the request that is wrong, as a path such as `inputs.image.size`.
    """

    status = 500
    code = "internal_error"
    title = "Something went wrong on this side"

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = _presentable(detail, _LONGEST_DETAIL)
        self.field = None if field is None else _presentable(field, _LONGEST_FIELD)

    def document(self) -> dict[str, Any]:
        """The problem document."""
        document: dict[str, Any] = {
            "type": f"urn:liveproof:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.field is not None:
            document["field"] = self.field
        return document


class InvalidRequest(Problem):
    """The request cannot be meant."""

    status, code, title = 400, "invalid_request", "The request is not valid"


class Unauthorized(Problem):
    """No API key, or one that is not known."""

    status, code, title = 401, "unauthorized", "A valid API key is needed"


class NotFound(Problem):
    """No such route, or no such verification of this client."""

    status, code, title = 404, "not_found", "There is no such thing"


class NotAllowedNow(Problem):
    """The verification's state does not allow what was asked."""

    status, code, title = 409, "not_allowed_now", "The verification's state does not allow this"


class TooLarge(Problem):
    """The request's body is too large."""

    status, code, title = 413, "request_too_large", "The request is too large"


class IdempotencyKeyReused(Problem):
    """The idempotency key stands for another request."""

    status, code, title = 422, "idempotency_key_reused", "The idempotency key was used differently"


class VendorFailed(Problem):
    """The vendor refused, or could not be reached, while the client waited."""

    status, code, title = 502, "vendor_failed", "The vendor did not give an answer"


class VendorBusy(Problem):
    """The vendor's quota is used up for the next seconds."""

    status, code, title = 503, "vendor_busy", "The vendor's quota is used up"


class NotConfigured(Problem):
    """The operator has to put a secret of the deployment right."""

    status, code, title = 503, "not_configured", "A secret of the deployment cannot be used"


ALL: tuple[type[Problem], ...] = (
    InvalidRequest,
    Unauthorized,
    NotFound,
    NotAllowedNow,
    TooLarge,
    IdempotencyKeyReused,
    VendorFailed,
    VendorBusy,
    NotConfigured,
    Problem,
)


def _presentable(text: str, longest: int) -> str:
    """The text without what is no character, cut to a length."""
    shown = text.encode("utf-8", "replace").decode()
    return shown if len(shown) <= longest else f"{shown[:longest]}..."
