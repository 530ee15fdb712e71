"""One verification by its id, of any client."""

from __future__ import annotations

from liveproof.domain.ids import is_verification_id
from liveproof.domain.verification import Verification
from liveproof.ports import Records
from liveproof_cli.errors import CannotBeDone


def load(records: Records, verification_id: str) -> Verification:
    """The verification as stored now.

    Raises:
        CannotBeDone: there is none with this id.
        RecordUnreadable: it cannot be read.
    """
    if not is_verification_id(verification_id):
        raise CannotBeDone(f"{verification_id} is no id of a verification: ver_ and 26 characters")
    verification = records.load(verification_id)
    if verification is None:
        raise CannotBeDone(f"There is no verification {verification_id} in this deployment")
    return verification
