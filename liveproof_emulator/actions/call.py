"""A call as an action's behaviour sees it, and the answer that the behaviour returns."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from liveproof_emulator.actions.downloads import Downloads
from liveproof_emulator.clock import Clock
from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.store import Store, Stored
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON, COS, Facts
from liveproof_emulator.keys import Key
from liveproof_emulator.model import Billed, Scenario
from liveproof_emulator.scenarios import Choice

APP_ID = "1250000000"


@dataclass
class Answer:
    """The fields of Response, and the vendor's conclusion.

    `verdict` is the business code, also if it travels as an error; None for an action without
    codes, or with a score. `error` is set if the answer goes through Response.Error. `billed` is
    for an answer whose bill does not follow from its code.
    """

    fields: Mapping[str, object]
    verdict: str | None = None
    error: ApiError | None = None
    billed: Billed | None = None


@dataclass
class Call:
    """One call in flight.

    `name` and `facts` are the action's. `message` gives our sentence for a code. `origin` is the
    scheme, host and port that the caller used. `executed` becomes True with the choice of a
    scenario; a behaviour sets it back if the scenario is a refusal. `resources` collects the keys
    of objects for the ledger.
    """

    name: str
    facts: Facts
    choice: Choice
    message: Callable[[str], str]
    region: str
    request_id: str
    origin: str
    clock: Clock
    store: Store
    downloads: Downloads
    vendor_key: Key = field(repr=False)
    executed: bool = False
    resources: list[str] = field(default_factory=list)

    def choose(self, *files: bytes) -> Scenario:
        """The scenario of this call (see `scenarios`); from here on the call counts as executed.

        Raises:
            ScenarioNameError: the files name two scenarios, or one that does not exist.
            NotExecutedError: a fault keeps the vendor from executing.
        """
        scenario = self.choice.choose(*files)
        self.executed = True
        return scenario

    def new_object_key(self, target: str) -> str:
        """The decoded key of a new object in the vendor's bucket."""
        return f"faceid/{target}/{APP_ID}/{self.request_id}"

    @property
    def bucket_host(self) -> str:
        """The host of the vendor's bucket in the region of the call."""
        bucket = COS.table("vendor_buckets")[self.region]
        return f"{bucket}.cos.{self.region}.myqcloud.com"

    def presign(self, method: str, key: str, lifetime: int) -> str:
        """A URL on this server for an object of the vendor's bucket.

        Args:
            method: GET or PUT.
            key: the object's decoded key.
            lifetime: seconds from now on; if negative, the URL expired as many seconds ago.
        """
        end = int(self.clock.now()) + lifetime
        start = end - abs(lifetime)
        return v5_signature.presign(
            self.vendor_key, method, self.origin, self.bucket_host, key, start, end
        )

    def store_object(
        self, key: str, body: bytes, content_type: str, pace_seconds: float = 0.0
    ) -> None:
        """Put an object into the vendor's bucket for as long as its URLs live (two hours).

        `pace_seconds`: how long its download takes.
        """
        now = self.clock.now()
        until = now + COMMON.number("url_lifetime_seconds")
        stored = Stored(body, content_type, now, until, pace_seconds)
        self.store.put(self.bucket_host, key, stored)


Behaviour = Callable[[Call, Any], Awaitable[Answer]]
"""What an action does with a call and its `Parameters`."""
