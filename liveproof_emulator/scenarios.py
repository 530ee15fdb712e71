"""How the scenario of a call is chosen. The rules are the same for every product.

1. A file names a scenario or a fault in a line `liveproof-scenario: NAME` in its last 256 bytes.
   Without such a line the scenario is `pass`. Files of one call must not name different ones.
2. A scenario that the controls queued replaces the one of the files. A fault that the controls
   queued replaces a fault of the files; the files still choose the scenario.
3. A fault that keeps the vendor from executing happens before the files are read if the controls
   queued it, and after that if a file names it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from liveproof_emulator.faults import OnceFaults
from liveproof_emulator.ledger import Entry
from liveproof_emulator.model import Fault, Scenario

PASS = "pass"  # noqa: S105 - no password
_MARKER = re.compile(rb"liveproof-scenario:[ \t]*([^\r\n]*)")
_MARKER_BYTES = 256


class ScenarioNameError(ValueError):
    """The files name two scenarios, or one that does not exist. The text is for the caller."""


class NotExecutedError(Exception):
    """A fault keeps the vendor from executing the call."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


def marked_name(body: bytes) -> str | None:
    """The name in a file's `liveproof-scenario:` line; None without such a line."""
    names = _MARKER.findall(body[-_MARKER_BYTES:])
    if not names:
        return None
    name: bytes = names[-1]
    return name.strip().decode("ascii", "backslashreplace")[:64]


@dataclass
class Choice:
    """The scenario and the fault of one call.

    `scenarios` and `faults` are those that the call can have, by name; `queued` is what the
    controls set for it. `name` is None until the files are read, then the name that the files or
    the controls chose.
    """

    action: str
    scenarios: Mapping[str, Scenario]
    faults: Mapping[str, Fault]
    once_faults: OnceFaults
    queued: Scenario | Fault | None = None
    name: str | None = None
    fault: Fault | None = None

    def apply_queued_fault(self) -> None:
        """Take the fault that the controls queued. Call this before the files are read.

        Raises:
            NotExecutedError: the fault keeps the vendor from executing.
        """
        if isinstance(self.queued, Fault):
            self.fault = self.queued
            self._require_execution()

    def choose(self, *files: bytes) -> Scenario:
        """The scenario for these files.

        Raises:
            ScenarioNameError: the files name two scenarios, or one that does not exist.
            NotExecutedError: a fault keeps the vendor from executing.
        """
        scenario = self.scenarios[PASS]
        self.name = PASS
        marked = self._name_in(files)
        if marked is not None:
            self.name = marked
            scenario = self._scenario_or_fault(marked, files) or scenario
        if isinstance(self.queued, Scenario):
            scenario = self.queued
            self.name = scenario.name
        self._require_execution()
        return scenario

    def record(self, entry: Entry) -> None:
        """Write the names of the scenario and the fault into the ledger's entry."""
        entry.scenario = self.name
        if self.fault is not None:
            entry.fault = self.fault.name
            if self.name in (None, PASS):
                entry.scenario = self.fault.name
            if self.fault.loses_the_answer:
                entry.code = None

    def _name_in(self, files: tuple[bytes, ...]) -> str | None:
        names = dict.fromkeys(name for name in map(marked_name, files) if name is not None)
        if len(names) > 1:
            raise ScenarioNameError(f"emulator: the files name {' and '.join(names)}")
        return next(iter(names), None)

    def _scenario_or_fault(self, name: str, files: tuple[bytes, ...]) -> Scenario | None:
        """The scenario of that name. A fault of that name is kept, unless there is one already."""
        if name in self.scenarios:
            return self.scenarios[name]
        fault = self.faults.get(name)
        if fault is None:
            raise ScenarioNameError(
                f"emulator: no scenario {name!a}; GET /_emulator/scenarios lists them"
            )
        happens = not fault.once or self.once_faults.happens(self.action, name, files)
        if happens and self.fault is None:
            self.fault = fault
        return None

    def _require_execution(self) -> None:
        if self.fault is not None and not self.fault.executed:
            raise NotExecutedError(self.fault)
