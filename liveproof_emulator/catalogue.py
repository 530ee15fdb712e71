"""The catalogue of the API: codes, faults and actions, read from the data."""

import json
from pathlib import Path

from liveproof_emulator.actions import read_actions
from liveproof_emulator.facts import FOLDER
from liveproof_emulator.faults import read_faults
from liveproof_emulator.model import BILLED, Billed, Code


class Catalogue:
    """All codes, faults and actions that the emulator knows."""

    def __init__(self) -> None:
        self.codes = _read_codes(FOLDER / "codes.json")
        self.faults = read_faults(FOLDER / "faults.json")
        self.actions = {action.name: action for action in read_actions()}

    @property
    def services(self) -> frozenset[str]:
        """Every product that has an action."""
        return frozenset(action.service for action in self.actions.values())

    def billed(self, name: str | None) -> Billed:
        """Whether a code bills; "unknown" for one without an entry."""
        code = self.codes.get(name or "")
        return code.billed if code else "unknown"

    def message(self, name: str) -> str:
        """Our sentence for a code."""
        code = self.codes.get(name)
        return code.message if code else "The emulator has no sentence for this code."


def _read_codes(path: Path) -> dict[str, Code]:
    raw = json.loads(path.read_text("utf-8"))
    return {
        name: Code(entry["message"], BILLED[entry["billed"]], entry["source"])
        for name, entry in raw.items()
    }
