"""The keys that sign manifests, as the secret of the webhooks has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from liveproof.webhooks.keys import (
    PUBLIC_KEY_PREFIX,
    KeyInvalid,
    PrivateKey,
    parse_key,
    parse_public_key,
)

MOST_EVIDENCE_KEYS = 50
"""One a year for longer than evidence is kept anywhere."""


class EvidenceKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A key of evidence: `whsk_…` signs until `not_after`; `whpk_…` verifies what it signed before.

    A key that signs no more stays in the document as `whpk_…`, for as long as anybody may verify.
    """

    key: str
    not_after: Annotated[datetime, Meta(tz=True)] | None = None

    @property
    def ends_at(self) -> int | None:
        """The last millisecond since 1970 at which it signs or signed; None: nobody has set one."""
        return None if self.not_after is None else round(self.not_after.timestamp() * 1000)

    def private_key(self) -> PrivateKey | None:
        """The key, if it can sign. Raises KeyInvalid, which no document that was read does."""
        if self.key.startswith(PUBLIC_KEY_PREFIX):
            return None
        key = parse_key(self.key)
        if not isinstance(key, PrivateKey):
            raise KeyInvalid("a key of evidence begins with whsk_ or whpk_")
        return key

    def public_key(self) -> bytes:
        """The 32 bytes that verify. Raises KeyInvalid, as above."""
        key = self.private_key()
        return parse_public_key(self.key) if key is None else key.public_key()

    def fault(self) -> str | None:
        """Why it is no key; None for a good one. The public key is not derived: that is dear."""
        try:
            if self.private_key() is None:
                parse_public_key(self.key)
        except KeyInvalid as invalid:
            return str(invalid)
        return None


def signing_key_at(keys: Iterable[EvidenceKey], now: int) -> PrivateKey | None:
    """The first key that can sign and whose time is not over at `now` (ms since 1970)."""
    for entry in keys:
        key = entry.private_key()
        if key is not None and (entry.ends_at is None or now <= entry.ends_at):
            return key
    return None
