"""What a check is: what it needs, what it calls, how its answer is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from liveproof.checks.frames import Frame
from liveproof.domain.verification import Challenge
from liveproof.facts import ApiFacts, CheckFacts
from liveproof.ports import Source
from liveproof.vendors.answer import Answer

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection


class CheckMismatch(Exception):
    """The request for a verification does not fit its check.

    Attributes:
        detail: what is wrong, with the limit.
        field: where, such as `challenge.data`.
    """

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


def refuse_challenge(check: str, challenge: Challenge | None) -> None:
    """For a check that takes no challenge. Raises CheckMismatch."""
    if challenge is not None:
        raise CheckMismatch(f"{check} takes no challenge", "challenge")


@dataclass(frozen=True)
class Answered:
    """What an answer says; `checks.reading.interpret` says what it means.

    Attributes:
        code: from whichever channel it came; None where there is none.
        score: None where there is none, or one that is no number in the check's range.
        frames: the best frames that it offers. Nothing of them is fetched yet.
    """

    code: str | None
    score: float | None = None
    frames: tuple[Frame, ...] = ()


class Check(Protocol):
    """One check, bound to the deployment's settings.

    Its methods are called in this order:

    1. `validate`, when a verification is created.
    2. `relay_count`, when a run begins: so many slots of CreateUploadUrl are reserved.
    3. `prepare`: the files go to the vendor, at no cost.
    4. `connect`, shortly before the slot.
    5. `call`, in the slot of its quota: the one request that is paid for.
    6. `read`: the answer's code and score go into the ledger and decide.
    7. `Frame.open` of each frame of a person who passed.
    """

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

    def validate(self, sizes: Mapping[str, int], challenge: Challenge | None) -> None:
        """Refuse a request that the API would not take. Raises CheckMismatch.

        Args:
            sizes: bytes of every input; each is within its own limit.
        """

    def relay_count(self, sizes: Mapping[str, int]) -> int:
        """How many files `prepare` brings to the vendor, each with one CreateUploadUrl."""

    def prepare(
        self, sources: Mapping[str, Source], challenge: Challenge | None, timeout: float
    ) -> dict[str, Any]:
        """The parameters of the paid call. Only free requests happen here.

        Args:
            timeout: seconds for all of it.

        Raises:
            VendorError: as `FileAccess.url_for` does.
            ObjectMissing, ObjectReplaced, ObjectUnreadable: as `Source.open` and its stream do.
        """

    def connect(self, seconds: float) -> AbstractContextManager[Connection | None]:
        """A connection for `call`, so that the call leaves without delay.

        Args:
            seconds: how long opening it may take; there is none if that is too short.

        Raises:
            SecretUnusable: the vendor's key cannot be read; nothing left.
        """

    def call(
        self,
        parameters: dict[str, Any],
        timeout: float,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        """The paid call, once, within `timeout` seconds of its slot.

        Args:
            connection: of `connect`; without one the call opens its own.
            wait: is called when the request is ready, and returns in the slot. None: leave at once.

        Raises:
            NotSent: it did not leave.
            KeyReplaced: the vendor refused the key, and another call would have another one.
            OutcomeUnknown: no usable answer came.
            SecretUnusable: the vendor's key cannot be read; nothing left.
        """

    def read(self, answer: Answer) -> Answered:
        """What the answer says. Never raises: the call is paid for."""
