"""Finding a client's verifications. Another client's are as good as missing."""

from __future__ import annotations

from liveproof.api.problems import InvalidRequest, NotFound
from liveproof.dependencies import Dependencies
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.ports import Page

MAX_LIMIT = 100
DEFAULT_LIMIT = 20


def find_verification(
    dependencies: Dependencies, client_name: str, verification_id: str
) -> Verification:
    """The client's verification. Raises NotFound."""
    verification = None
    if is_verification_id(verification_id):
        verification = dependencies.records.load(verification_id)
    if verification is None or verification.client != client_name:
        raise NotFound("there is no verification with this id")
    return verification


def list_verifications(
    dependencies: Dependencies,
    client_name: str,
    status: str | None,
    limit: str | None,
    cursor: str | None,
) -> Page:
    """The client's verifications, newest first.

    Raises:
        InvalidRequest: for a query parameter that cannot be meant.
    """
    try:
        wanted = Status(status) if status is not None else None
    except ValueError:
        raise InvalidRequest(
            f"must be one of {', '.join(s.value for s in Status)}", "status"
        ) from None
    # Short before int(): Python refuses to read thousands of digits.
    readable = limit is not None and limit.isascii() and limit.isdigit() and len(limit) <= 3
    count = int(limit) if limit is not None and readable else None
    if limit is not None and (count is None or not 1 <= count <= MAX_LIMIT):
        raise InvalidRequest(f"must be a number from 1 to {MAX_LIMIT}", "limit")
    try:
        return dependencies.records.recent(client_name, wanted, count or DEFAULT_LIMIT, cursor)
    except ValueError:
        raise InvalidRequest("is not a cursor that this API gave", "cursor") from None
