"""Faults: reading them, those queued by the controls, and those that happen every other time."""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Sequence
from pathlib import Path

from liveproof_emulator.model import EFFECTS, Fault, Scenario

ONCE = "-once"


def read_faults(path: Path) -> dict[str, Fault]:
    """The faults of a file by name. Each has a second form, `NAME-once`.

    Raises:
        ValueError: a fault has an effect that does not exist.
    """
    faults: dict[str, Fault] = {}
    for name, entry in json.loads(path.read_text("utf-8")).items():
        if entry["effect"] not in EFFECTS:
            raise ValueError(f"{path.name}: {name}: no such effect")
        faults[name] = Fault(name=name, **entry)
        once = name.removesuffix("-always") + ONCE
        about = f"{entry['about']}; the next call with the same files goes on as if nothing were"
        faults[once] = Fault(name=once, once=True, **{**entry, "about": about})
    return faults


class OnceFaults:
    """Which `-once` faults happened on the last call with the same files."""

    def __init__(self) -> None:
        self._happened: set[tuple[str, ...]] = set()

    def reset(self) -> None:
        """Every fault happens on the next call again."""
        self._happened.clear()

    def happens(self, action: str, fault: str, files: Sequence[bytes]) -> bool:
        """Whether this call meets the fault: the first, third, fifth, … with these files.

        Files are compared by content. So a caller that uploads the same file under another key for
        its second try succeeds.
        """
        subject = (action, fault, *(hashlib.sha256(file).hexdigest() for file in files))
        if subject in self._happened:
            self._happened.remove(subject)
            return False
        self._happened.add(subject)
        return True


class QueuedFaults:
    """What the controls set for the next calls of an action: first in, first out."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, deque[Scenario | Fault]] = defaultdict(deque)

    def reset(self) -> None:
        """Empty every queue."""
        self._queues.clear()

    def add(self, action: str, item: Scenario | Fault, times: int) -> None:
        """Queue an item for the next `times` calls of the action."""
        self._queues[action].extend([item] * times)

    def clear(self, action: str) -> None:
        """Empty the queue of an action."""
        self._queues.pop(action, None)

    def take(self, action: str) -> Scenario | Fault | None:
        """Remove and return the next item of the action; None if its queue is empty."""
        queue = self._queues[action]
        return queue.popleft() if queue else None
