"""What the products of one running emulator share."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from liveproof_emulator.clock import Clock
from liveproof_emulator.faults import OnceFaults, QueuedFaults
from liveproof_emulator.keys import Keys
from liveproof_emulator.ledger import Ledger
from liveproof_emulator.model import Fault, Scenario
from liveproof_emulator.scenarios import Choice


@dataclass
class State:
    """One emulator's keys, clock, ledger and faults.

    `log` gets one line per call. `faults` are those that any call can have, by name. `stopping` is
    set when the server stops, so that silent connections end.
    """

    keys: Keys
    log: Callable[[dict[str, object]], None]
    faults: Mapping[str, Fault]
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=Ledger)
    queued_faults: QueuedFaults = field(default_factory=QueuedFaults)
    once_faults: OnceFaults = field(default_factory=OnceFaults)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        """Forget calls and faults, and set the clock right. Keys stay."""
        for part in (self.clock, self.ledger, self.queued_faults, self.once_faults):
            part.reset()

    def choice(self, action: str, scenarios: Mapping[str, Scenario]) -> Choice:
        """The choice of a scenario for the next call of an action; takes what is queued for it."""
        queued = self.queued_faults.take(action)
        return Choice(action, scenarios, self.faults, self.once_faults, queued)
