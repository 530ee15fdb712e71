"""Everything the emulator can play, read from data: codes, faults, actions and their scenarios."""

import importlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from liveproof_emulator import facts
from liveproof_emulator.facts import FOLDER, Facts

if TYPE_CHECKING:
    from liveproof_emulator.call import Answer, Call

ACTIONS = Path(__file__).parent / "actions"
FILES = ("behaviour.py", "facts.json", "parameters.py", "scenarios.json")
ONCE = "-once"

Billed = Literal["yes", "no", "unknown"]
Behaviour = Callable[["Call", Any], Awaitable["Answer"]]

_MARKER = re.compile(rb"liveproof-scenario:[ \t]*([^\r\n]*)")
_MARKER_BYTES = 256
BILLED: dict[str, Billed] = {"yes": "yes", "no": "no", "unknown": "unknown"}


@dataclass(frozen=True)
class Code:
    """A code of the vendor: our words for it, and whether it bills."""

    message: str
    billed: Billed
    source: str


@dataclass(frozen=True)
class Scenario:
    """What an action concludes; the values are its behaviour's to read."""

    name: str
    about: str
    values: Mapping[str, object] = field(default_factory=dict)

    def number(self, name: str, default: float = 0.0) -> float:
        """A number among the values. TypeError if it is something else."""
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{self.name}: {name} is not a number")
        return value

    def text(self, name: str) -> str | None:
        """A string among the values, or None. TypeError if it is something else."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{self.name}: {name} is not a string")
        return value


Effect = Literal["error", "silence", "stall", "reset", "cut", "replace", "relabel", "drip"]
_EFFECTS: tuple[Effect, ...] = (
    "error", "silence", "stall", "reset", "cut", "replace", "relabel", "drip",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What goes wrong on the way, whatever the action concludes.

    `executed` tells whether the vendor does (and bills) its work all the same; `once` plays it
    only on every other call with the same files.
    """

    name: str
    about: str
    effect: Effect
    executed: bool
    once: bool = False
    code: str = "InternalError"
    status: int = 200
    content_type: str = "application/json"
    body: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Action:
    """One action: its four files, read."""

    name: str
    facts: Facts
    scenarios: Mapping[str, Scenario]
    parameters: type[Any]
    behaviour: Behaviour

    @property
    def service(self) -> str:
        """The product, as it stands in a TC3 scope."""
        return self.facts.text("service")

    @property
    def judges(self) -> bool:
        """Whether its conclusions are what the vendor bills; the others are taken as free."""
        return bool(self.facts.texts("codes"))


class Catalogue:
    """What is there to play."""

    def __init__(self) -> None:
        self.codes = _read_codes(FOLDER / "codes.json")
        self.faults = _read_faults(FOLDER / "faults.json")
        self.actions = {action.name: action for action in _read_actions(ACTIONS)}

    @property
    def services(self) -> frozenset[str]:
        """Every product with an action."""
        return frozenset(action.service for action in self.actions.values())

    def billed(self, code: str | None) -> Billed:
        """Whether a conclusion bills; a code without an entry is unknown."""
        known = self.codes.get(code or "")
        return known.billed if known else "unknown"

    def message(self, code: str) -> str:
        """Our sentence for a code."""
        known = self.codes.get(code)
        return known.message if known else "The emulator has no sentence for this code."


def marked_scenario(body: bytes) -> str | None:
    """The name in a file's `liveproof-scenario:` line, if its last 256 bytes have one."""
    found = _MARKER.findall(body[-_MARKER_BYTES:])
    if not found:
        return None
    name: bytes = found[-1]
    return name.strip().decode("ascii", "backslashreplace")[:64]


def _read_codes(path: Path) -> dict[str, Code]:
    raw = json.loads(path.read_text("utf-8"))
    return {
        code: Code(entry["message"], BILLED[entry["billed"]], entry["source"])
        for code, entry in raw.items()
    }


def _read_faults(path: Path) -> dict[str, Fault]:
    """The faults, each with its twin that happens once."""
    faults: dict[str, Fault] = {}
    for name, entry in json.loads(path.read_text("utf-8")).items():
        if entry["effect"] not in _EFFECTS:
            raise ValueError(f"{path.name}: {name}: no such effect")
        faults[name] = Fault(name=name, **entry)
        once = name.removesuffix("-always") + ONCE
        about = f"{entry['about']}; the next call with the same files goes on as if nothing were"
        faults[once] = Fault(name=once, once=True, **{**entry, "about": about})
    return faults


def _read_actions(folder: Path) -> list[Action]:
    found = []
    for each in sorted(folder.iterdir()):
        if not each.is_dir() or each.name.startswith("__"):
            continue
        files = sorted(file.name for file in each.iterdir() if file.name != "__pycache__")
        if files != sorted(FILES):
            raise ValueError(f"actions/{each.name} has to hold exactly {', '.join(FILES)}")
        found.append(_read_action(each))
    return found


def _read_action(folder: Path) -> Action:
    package = f"liveproof_emulator.actions.{folder.name}"
    known = facts.read(folder / "facts.json")
    raw = json.loads((folder / "scenarios.json").read_text("utf-8"))
    scenarios = {name: Scenario(name, entry.pop("about"), entry) for name, entry in raw.items()}
    if "pass" not in scenarios:
        raise ValueError(f"actions/{folder.name}/scenarios.json has no 'pass'")
    parameters: type[Any] = importlib.import_module(f"{package}.parameters").Parameters
    behaviour: Behaviour = importlib.import_module(f"{package}.behaviour").answer
    return Action(known.text("action"), known, scenarios, parameters, behaviour)
