"""Faults in waiting: those set by the controls, and those that happen every other time."""

import hashlib
from collections import defaultdict, deque
from collections.abc import Sequence

from liveproof_emulator.catalogue import Fault, Scenario


class Turns:
    """Remembers, by the files' content, whose turn it is to go wrong once."""

    def __init__(self) -> None:
        self._played: set[tuple[str, ...]] = set()

    def reset(self) -> None:
        """Everything goes wrong afresh."""
        self._played.clear()

    def take(self, action: str, fault: str, files: Sequence[bytes]) -> bool:
        """True on the first, third, … call with these files.

        By content and not by key, so that a caller who uploads anew for its second try is served.
        """
        subject = (action, fault, *(hashlib.sha256(file).hexdigest() for file in files))
        if subject in self._played:
            self._played.remove(subject)
            return False
        self._played.add(subject)
        return True


class Armed:
    """What the controls set for the next calls of an action, first in first out."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Scenario | Fault]] = defaultdict(deque)

    def reset(self) -> None:
        """Disarm everything."""
        self._waiting.clear()

    def add(self, action: str, what: Scenario | Fault, times: int) -> None:
        """Set for the next `times` calls."""
        self._waiting[action].extend([what] * times)

    def take(self, action: str) -> Scenario | Fault | None:
        """What was set for this call, if anything."""
        waiting = self._waiting[action]
        return waiting.popleft() if waiting else None
