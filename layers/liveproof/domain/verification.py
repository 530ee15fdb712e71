"""The verification and its parts, as stored. Times are milliseconds since 1970, UTC."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from liveproof.domain.erasure import Erasure
from liveproof.domain.evidence import Evidence, Manifest
from liveproof.domain.hash_chain import Chain
from liveproof.domain.ledger import Call
from liveproof.domain.reservation import Reservation
from liveproof.domain.states import FIRST, Status


class InputState(str, Enum):
    """Whether an input's bytes are there, and are the declared ones."""

    MISSING = "missing"
    PROVEN = "proven"
    REFUSED = "refused"


class Decision(str, Enum):
    """The one final word on a verification. Values are part of the HTTP API."""

    PASSED = "passed"
    REJECTED = "rejected"
    RESUBMIT = "resubmit"
    ERROR = "error"
    EXPIRED = "expired"


WHO_ACTS = {
    Decision.PASSED: "nobody",
    Decision.REJECTED: "your own rules: the vendor judged that the person or the capture is wrong",
    Decision.RESUBMIT: "the person: capture again, in a new verification",
    Decision.ERROR: "an operator",
    Decision.EXPIRED: "your server: ask for a new verification if the person is still there",
}
"""Who has to do something after a decision, for the docs."""


class WaitingFor(str, Enum):
    """Why a verification's check is put off. Values are part of the HTTP API."""

    QUOTA = "quota"
    VENDOR = "vendor"
    OPERATOR = "operator"


WAITING_FOR = {
    WaitingFor.QUOTA: "the vendor's quota: the next free slot is too far away",
    WaitingFor.VENDOR: "the vendor, which is down or could not serve: the check is tried again",
    WaitingFor.OPERATOR: "an operator, who decides whether a call is made",
}
"""What each of them means, for the docs."""


class DeliveryState(str, Enum):
    """Whether the client's endpoint has accepted the webhook."""

    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"


class Proof(Struct, frozen=True, kw_only=True):
    """What was proven of an input's bytes. Every later read is checked against it.

    Attributes:
        sha256: of the bytes, 64 lower-case hex digits.
        etag: of the object, without quotes; empty if the bucket gave none.
        version: the object's version; None in a bucket without versions, and where the bucket's
            adapter does not read by version.
        format: what kind of file it is, as `files/formats.py` names it; None in old records.
    """

    sha256: str
    etag: str
    version: str | None = None
    format: str | None = None


class Input(Struct, frozen=True, kw_only=True):
    """A file that the check needs.

    Attributes:
        md5: declared MD5, 32 lower-case hex digits.
        size: declared size in bytes.
        keys: every object key issued for it, the newest last.
        proven_key: the key under which the proven bytes lie.
        proof: what was proven. None until then, and in old records, whose bytes are checked against
            the MD5.
        reason: why it was refused, a code of `data/reasons.json`.
    """

    md5: str
    size: int
    content_type: str
    keys: tuple[str, ...]
    state: InputState = InputState.MISSING
    proven_key: str | None = None
    proof: Proof | None = None
    reason: str | None = None


class Reason(Struct, frozen=True, kw_only=True):
    """Why a decision was taken: `code` is stable, `message` is for people."""

    code: str
    message: str
    vendor_code: str | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """The decision with its reason and scores."""

    decision: Decision
    reason: Reason
    decided_at: int
    scores: dict[str, float] = {}


class Attempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One HTTP try of a delivery, or the fault of the deployment's own that prevented it.

    Attributes:
        at: when it ended.
        status: the endpoint's answer.
        error: why there was none, a short code.
        delivery: the number of the delivery that it belongs to.
        number: counts the attempts of that delivery from 1; None for what is not counted: a fault,
            or a probe of a paused endpoint.
        answer: the first characters of the answer's body, escaped (`webhooks/answers.py`). They are
            a stranger's: shown, never logged.
        next_at: when the next attempt is due; None if this was the delivery's last one.
    """

    at: int
    latency_ms: int
    status: int | None = None
    error: str | None = None
    delivery: int = 1
    number: int | None = None
    answer: str | None = None
    next_at: int | None = None


class Delivery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The sending of a decision, after which its manifest is signed.

    Attributes:
        number: counts deliveries: the first, then each resend.
        attempts: how many were made, whether the endpoint answered or not.
        waits: the endpoint is paused or has no room, and the delivery has a turn at `due_at`.
        faults: how many times in a row a fault of the deployment's own prevented an attempt. They
            are not counted as attempts.
        log: the newest attempts of all deliveries of the verification, the newest last. Of faults
            in a row it has the last, and so of probes.
        dropped: how many older entries the log had to drop.
        signing_until: one run may store the manifest until then; None where none has begun.
        only_attempt: what records of versions before 2026-11-27 have instead of a log. It is moved
            there when the record is read, and never stored again.
    """

    number: int = 1
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    waits: bool = False
    faults: int = 0
    log: tuple[Attempt, ...] = ()
    dropped: int = 0
    signing_until: int | None = None
    only_attempt: Attempt | None = field(default=None, name="last_attempt")

    def __post_init__(self) -> None:
        if self.only_attempt is not None:
            number = None if self.faults else self.attempts
            entry = replace(self.only_attempt, delivery=self.number, number=number)
            force_setattr(self, "log", (entry,))
            force_setattr(self, "only_attempt", None)

    @property
    def last_attempt(self) -> Attempt | None:
        """The newest entry of the log."""
        return self.log[-1] if self.log else None


class Challenge(Struct, frozen=True, kw_only=True):
    """What the person was asked to do: say digits (lip), move (action), nothing (silent)."""

    type: Literal["lip", "action", "silent"]
    data: str | None = None


class InterventionKind(str, Enum):
    """What an operator did to a verification."""

    HOLD = "hold"
    RELEASE = "release"
    SETTLE = "settle"
    RESEND = "resend"
    ERASE = "erase"
    REDO = "redo"


class Intervention(Struct, frozen=True, kw_only=True):
    """Something that an operator did: when, who, why. The audit chain keeps it as an entry.

    Attributes:
        by: as the cloud or the operator's machine names them.
        why: in the operator's words.
        outcome: what became known of a call, where that was settled.
    """

    at: int
    kind: InterventionKind
    by: str
    why: str
    outcome: str | None = None


class Verification(Struct, frozen=True, kw_only=True):
    """One question "is this a live person, and the one in the photo?".

    Attributes:
        version: the store's version that this value was loaded from; 0 for one never saved.
        due_at: the earliest time at which the state's step may run; None when nothing is left.
        ready_at: when the last input was proven.
        released_at: when an operator allowed one more call after an unknown outcome.
        runs: how many runs intended a call, since the release if there was one. Each may bring the
            files to the vendor, so this limits how often that happens. While uploads are
            awaited: 1 after the last look for them, else 0.
        vendor_failures: how many requests that cost nothing failed at the vendor, since the release
            if there was one: it could not be reached, or refused for the moment.
        waiting_for: why the last run made no call, or got no answer; None while a call is made.
        vendor_waited_ms: for how long the check was put off because the vendor was down, since the
            release if there was one.
        former_interventions: what operators did to a record of a version without an audit chain. It
            moves into the chain with the first entry; `audit.interventions` has all of them.
        threshold_from: where the threshold came from: `request`, `client`, `floor` or `check`; None
            in old records.
        signals: how often something happened that a rule of yours may look at, by its code
            (`domain/signals.py`).
        manifest: the signed manifest of the decision; None until it is written.
        audit: every transition and every act of an operator (`domain/audit.py`).
        consent: the client's own reference to the person's consent.
        erasure: how far its erasure is; None unless somebody asked for one.
        reservation: what it holds of the limits; `redo_of`: whose proven bytes it checks again.
    """

    id: str
    client: str
    check: str
    region: str
    created_at: int
    expires_at: int
    inputs: dict[str, Input]
    threshold: float
    status: Status = FIRST
    version: int = 0
    due_at: int | None = None
    challenge: Challenge | None = None
    reference: str | None = None
    metadata: dict[str, str] = {}
    ready_at: int | None = None
    calls: tuple[Call, ...] = ()
    released_at: int | None = None
    verdict: Verdict | None = None
    delivery: Delivery | None = None
    evidence: Evidence | None = None
    runs: int = 0
    vendor_failures: int = 0
    waiting_for: WaitingFor | None = None
    vendor_waited_ms: int = 0
    former_interventions: tuple[Intervention, ...] = field(default=(), name="interventions")
    audit: Chain = Chain()
    consent: str | None = None
    erasure: Erasure | None = None
    reservation: Reservation | None = None
    redo_of: str | None = None
    threshold_from: str | None = None
    signals: dict[str, int] = {}
    manifest: Manifest | None = None

    @property
    def last_call(self) -> Call | None:
        return self.calls[-1] if self.calls else None

    def is_due(self, now: int) -> bool:
        """Whether the state's step may run at `now`."""
        return self.due_at is not None and self.due_at <= now
