"""One call as an action's behaviour sees it, and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liveproof_emulator.catalogue import Action, Billed, Catalogue, Fault, Scenario, marked_scenario
from liveproof_emulator.clock import Clock
from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.store import Store, Stored
from liveproof_emulator.downloads import Downloads
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON, COS, Facts
from liveproof_emulator.faults import Turns
from liveproof_emulator.keys import Key

APP_ID = "1250000000"


class WithheldError(Exception):
    """The fault says that the vendor does not get as far as executing the call."""


@dataclass
class Answer:
    """The fields of Response, and what the vendor concluded.

    `verdict` is the business code, also where it travels as an error; None for an action that
    judges nothing or by a score. `error` is set when the answer goes through Response.Error.
    `billed` is told where no code tells it.
    """

    fields: Mapping[str, object]
    verdict: str | None = None
    error: ApiError | None = None
    billed: Billed | None = None


@dataclass
class Call:
    """One call on its way."""

    action: Action
    catalogue: Catalogue
    region: str
    request_id: str
    origin: str
    clock: Clock
    store: Store
    downloads: Downloads
    turns: Turns
    vendor_key: Key = field(repr=False)
    armed: Scenario | Fault | None = None
    chosen: str | None = None
    fault: Fault | None = None
    executed: bool = False
    resources: list[str] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        """The action's own facts."""
        return self.action.facts

    def choose(self, *files: bytes) -> Scenario:
        """Settle what happens, from the files' last lines and the controls, which win.

        Raises:
            ApiError: no scenario has that name, two files name different ones, or the fault
                refuses the call.
            WithheldError: a fault keeps the vendor from executing.
        """
        scenario = self.action.scenarios["pass"]
        self.chosen = scenario.name
        names = dict.fromkeys(name for name in map(marked_scenario, files) if name is not None)
        if len(names) > 1:
            raise ApiError(
                "InvalidParameterValue", f"emulator: the files name {' and '.join(names)}"
            )
        for name in names:
            self.chosen = name
            marked = self._marked(name, files)
            if isinstance(marked, Scenario):
                scenario = marked
            elif self.fault is None:
                self.fault = marked
        if isinstance(self.armed, Scenario):
            scenario = self.armed
            self.chosen = scenario.name
        self._withhold()
        self.executed = True
        return scenario

    def meet_controls(self) -> None:
        """Play the fault that the controls set; one that keeps the vendor from executing strikes
        before the files are looked at.

        Raises:
            ApiError: the fault refuses the call.
            WithheldError: the fault keeps the vendor from executing.
        """
        if isinstance(self.armed, Fault):
            self.fault = self.armed
            self._withhold()

    def _withhold(self) -> None:
        if self.fault is None or self.fault.executed:
            return
        if self.fault.effect == "error":
            raise ApiError(self.fault.code)
        raise WithheldError

    def _marked(self, name: str, files: Sequence[bytes]) -> Scenario | Fault | None:
        """What a file's last line asks for; None where it is not that fault's turn."""
        if name in self.action.scenarios:
            return self.action.scenarios[name]
        fault = self.catalogue.faults.get(name)
        if fault is None:
            raise ApiError(
                "InvalidParameterValue",
                f"emulator: no scenario {name!a}; GET /_emulator/scenarios lists them",
            )
        if fault.once and not self.turns.take(self.action.name, name, files):
            return None
        return fault

    def new_object_key(self, target: str) -> str:
        """The decoded key of a new object in the vendor's bucket."""
        return f"faceid/{target}/{APP_ID}/{self.request_id}"

    @property
    def bucket_host(self) -> str:
        """The vendor's bucket in the region of the call."""
        bucket = COS.table("vendor_buckets")[self.region]
        return f"{bucket}.cos.{self.region}.myqcloud.com"

    def presigned(self, method: str, key: str, lifetime: int) -> str:
        """A URL on this server, signed from now for `lifetime` seconds; negative: over already."""
        end = int(self.clock.now()) + lifetime
        start = end - abs(lifetime)
        return v5_signature.presign(
            self.vendor_key, method, self.origin, self.bucket_host, key, start, end
        )

    def keep(self, key: str, body: bytes, content_type: str, pace_seconds: float = 0.0) -> None:
        """Put an object of the vendor's own into its bucket for two hours."""
        now = self.clock.now()
        until = now + COMMON.number("url_lifetime_seconds")
        stored = Stored(body, content_type, now, until, pace_seconds)
        self.store.put(self.bucket_host, key, stored)
