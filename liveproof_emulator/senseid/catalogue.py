"""SenseID's endpoints, scenarios and facts, read from the data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liveproof_emulator import facts
from liveproof_emulator.model import Scenario

_FOLDER = Path(__file__).parent

FACTS = facts.read(_FOLDER / "facts.json")


@dataclass(frozen=True)
class Endpoint:
    """One path.

    `section` is the product's own number for it. `images` and `video` are the fields of encrypted
    files, `file` is the field of a raw file, `flags` are the fields with true or false. `compares`:
    it compares two faces.
    """

    path: str
    section: str
    images: tuple[str, ...]
    flags: tuple[str, ...]
    video: str | None = None
    file: str | None = None
    compares: bool = False

    @property
    def scenarios(self) -> Mapping[str, Scenario]:
        """The scenarios that this endpoint can have."""
        applicable = {
            "comparison": self.compares,
            "liveness": self.video is not None,
            "quality": "check_quality" in self.flags,
            None: True,
        }
        return {
            name: scenario
            for name, scenario in _SCENARIOS.items()
            if applicable[scenario.text("needs")]
        }


def _read_endpoints() -> dict[str, Endpoint]:
    raw = json.loads((_FOLDER / "endpoints.json").read_text("utf-8"))
    return {
        path: Endpoint(
            path,
            entry["section"],
            tuple(entry["images"]),
            tuple(entry["flags"]),
            entry.get("video"),
            entry.get("file"),
            entry.get("compares", False),
        )
        for path, entry in raw.items()
    }


def _read_scenarios() -> dict[str, Scenario]:
    raw = json.loads((_FOLDER / "scenarios.json").read_text("utf-8"))
    return {name: Scenario(name, entry.pop("about"), entry) for name, entry in raw.items()}


_SCENARIOS = _read_scenarios()
ENDPOINTS = _read_endpoints()
