"""Finding a client's verifications. Another client's verification is reported as not found."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.verification import Verification
from liveproof.ports import Page
from liveproof.use_cases.errors import InvalidRequest, NotFound


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
    criteria: Filter,
    limit: int,
    cursor: str | None,
) -> Page:
    """The client's verifications, newest first: a page as of `Records.recent`.

    Args:
        limit: how many at most.
        cursor: of the page before; None for the first page.

    Raises:
        InvalidRequest: the cursor is not one that `Records.recent` gave.
    """
    try:
        return dependencies.records.recent(client_name, criteria, limit, cursor)
    except ValueError:
        raise InvalidRequest("is not a cursor that this API gave", "cursor") from None
