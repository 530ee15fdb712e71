"""What a check is: what it needs, what it calls, how its answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Challenge, Decision
from liveproof.facts import ApiFacts, CheckFacts
from liveproof.ports import Source
from liveproof.vendors.answer import Answer


class NotWhatTheCheckNeeds(Exception):
    """The request for a verification does not fit its check.

    Attributes:
        detail: what is wrong, with the limit.
        field: where, such as `challenge.data`.
    """

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


@dataclass(frozen=True)
class Frame:
    """A best frame as the vendor offers it: at a URL with its MD5, or inline in base64.

    The URL grants access and the content is a face: both are kept out of every text.
    """

    url: str | None = None
    md5: str | None = None
    content: str | None = None

    def __repr__(self) -> str:
        return "Frame(...)"


@dataclass(frozen=True)
class Reading:
    """What an answer means.

    Attributes:
        outcome: for the ledger; only ANSWERED carries a decision.
        decision, reason: the decision and its code of `data/reasons.json`.
        billable: "yes", "no" or "unknown", from the code table.
        known: False for a code that is not in the table.
        alert: True when a code says that liveproof itself may be wrong.
    """

    outcome: CallOutcome
    decision: Decision | None
    reason: str
    billable: str
    known: bool = True
    alert: bool = False


class Check(Protocol):
    """One check, bound to the deployment's settings."""

    @property
    def name(self) -> str: ...

    @property
    def facts(self) -> CheckFacts: ...

    @property
    def api(self) -> ApiFacts:
        """The API that answers."""

    @property
    def region(self) -> str:
        """Where the bytes are judged."""

    @property
    def called_region(self) -> str | None:
        """The region for the ledger: the one that the call names, None if its API takes none."""

    @property
    def face_model(self) -> str | None:
        """The face model that the call asks for, None if it asks for none."""

    def require(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        """Refuse a request that the API would not take. Raises NotWhatTheCheckNeeds.

        Args:
            sizes: bytes of every input; each is within its own limit.
        """

    def relayed(self, sizes: Mapping[str, int]) -> int:
        """How many files `prepare` brings to the vendor, each with one CreateUploadUrl."""

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        """The parameters of the paid call. Only free requests happen here.

        Raises:
            VendorError: as `VendorFiles.url_of` does.
            ObjectMissing, ObjectReplaced, ObjectUnreadable: as `Source.open` and its stream do.
        """

    def call(self, parameters: dict[str, Any], timeout: float) -> Answer:
        """The paid call, once. Raises NotSent, OutcomeUnknown or SecretUnusable."""

    def code_of(self, answer: Answer) -> str | None:
        """The answer's code, from whichever channel it came."""

    def score_of(self, answer: Answer) -> float | None:
        """The answer's score, None where there is none or it is filler."""

    def frames_of(self, answer: Answer) -> tuple[Frame, ...]:
        """The best frames that the answer offers."""

    def fetch(self, frame: Frame, timeout: float) -> bytes:
        """A best frame's bytes, proven where it has an MD5. Raises RelayFailed."""
