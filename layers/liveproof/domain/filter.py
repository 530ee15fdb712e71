"""Which verifications of a client a list is of."""

from __future__ import annotations

from msgspec import Struct

from liveproof.domain.ids import END_OF_IDS, lowest_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, DeliveryState, Verification


class Filter(Struct, frozen=True, kw_only=True):
    """Conditions that all have to be met; None is none.

    Attributes:
        reference: the client's own, exactly.
        delivery: of the last delivery.
        since: when it was created, at the earliest (ms since 1970).
        until: it was created before (ms since 1970).
        erased: whether those are wanted, too, whose erasure was requested. A decision or a delivery
            is looked for among the others only, unless `status` names their state.
        oldest_first: the order of the list, and no condition; else the newest comes first.
    """

    status: Status | None = None
    decision: Decision | None = None
    reference: str | None = None
    delivery: DeliveryState | None = None
    since: int | None = None
    until: int | None = None
    erased: bool = True
    oldest_first: bool = False

    @property
    def state(self) -> Status | None:
        """The one state in which a verification can meet the conditions, None if there are more."""
        if self.status is None and (self.decision is not None or self.delivery is not None):
            return Status.DECIDED
        return self.status

    @property
    def first_id(self) -> str:
        """The lowest id that a verification may have."""
        return lowest_id(self.since or 0)

    @property
    def end_id(self) -> str:
        """Ids are lower than this one."""
        return END_OF_IDS if self.until is None else lowest_id(self.until)

    def matches(self, verification: Verification) -> bool:
        """Whether the verification meets the conditions, but for its time, which is in its id."""
        verdict, delivery = verification.verdict, verification.delivery
        return (
            self.state in (None, verification.status)
            and (self.erased or verification.erasure is None)
            and self.reference in (None, verification.reference)
            and self.decision in (None, verdict.decision if verdict else None)
            and self.delivery in (None, delivery.state if delivery else None)
        )
