"""Why a use case refuses what a client asks for. `api.problems` says how HTTP answers each.

Refusal
├── InvalidRequest          a part of the request breaks a rule: `field` names the part
├── NotFound                no such verification of this client
├── InvalidState            the verification's state does not allow it
├── NotDecided              there is no decision yet, so no evidence of it
├── Erased                  the verification is erased, and its evidence with it
├── EvidenceExpired         the evidence was there, and its retention time is over
├── IdempotencyKeyReused    the idempotency key stands for another request
├── VendorFailed            the vendor refused or could not be reached while the client waited
└── RetryLater              the same request may succeed after some seconds
    ├── VendorBusy          the vendor takes no more for the next seconds
    ├── TooSoon             the client asks for this again before its time
    ├── TooManyAttempts     the reference or the client has had its verifications of the day
    ├── TooManyOpen         the client has too many undecided verifications
    ├── SpendLimitReached   the money of the day is spent or reserved
    └── FilesRejected       the same files were rejected lately
"""

from __future__ import annotations


class Refusal(Exception):
    """Base of the errors whose text a client may read.

    Attributes:
        detail: what is wrong this time, for people; names the limit that was broken.
        field: the part of the request that is wrong, as a path such as `inputs.image.size`.
    """

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class InvalidRequest(Refusal):
    """The request is not valid."""


class NotFound(Refusal):
    """The client has no verification with this id."""


class InvalidState(Refusal):
    """The verification's state does not allow what was asked."""


class NotDecided(Refusal):
    """The verification is not decided yet."""


class Erased(Refusal):
    """The verification is erased, or is being erased."""


class EvidenceExpired(Refusal):
    """The bucket has deleted the evidence."""


class IdempotencyKeyReused(Refusal):
    """The idempotency key stands for another request."""


class VendorFailed(Refusal):
    """The vendor refused, or could not be reached, while the client waited."""


class RetryLater(Refusal):
    """It is too early.

    Attributes:
        retry_after: after so many seconds.
    """

    def __init__(self, detail: str, field: str | None = None, *, retry_after: int) -> None:
        super().__init__(detail, field)
        self.retry_after = retry_after


class VendorBusy(RetryLater):
    """The vendor takes no more for the next seconds: its quota is used up, or it is down."""


class TooSoon(RetryLater):
    """The client asks for this again before its time: a part of a long work, or a test."""


class TooManyAttempts(RetryLater):
    """The reference or the client has had its verifications of the day."""


class TooManyOpen(RetryLater):
    """The client has too many undecided verifications."""


class SpendLimitReached(RetryLater):
    """The money of the day, of the client or of the deployment, is spent or reserved."""


class FilesRejected(RetryLater):
    """The same files were rejected lately, for the same reference."""
