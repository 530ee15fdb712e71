"""The vendor's API actions, one folder each, and what they share.

A folder `compare_face/` is the action CompareFace. It holds exactly four files:

* `facts.json`: what the vendor published (service, versions, regions, rate, codes, sizes), each
  entry with its source, date and whether it is confirmed.
* `parameters.py`: the dataclass `Parameters`, one field per parameter on the wire.
* `behaviour.py`: `async def answer(call, parameters)`: get the files, `call.choose(*files)`,
  check the files, return an `Answer`.
* `scenarios.json`: the outcomes by name; `pass` is required.

Modules beside the folders are shared: `call` (what a behaviour gets and returns), `parameters`
(how they are declared), `files` and `downloads` (getting files), `photos` (IAI's two actions),
`video_checks` (the three checks of a video), `results` (answers with a code).
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveproof_emulator import facts
from liveproof_emulator.actions.call import Behaviour
from liveproof_emulator.facts import Facts
from liveproof_emulator.model import Scenario
from liveproof_emulator.scenarios import PASS

FOLDER = Path(__file__).parent
FILES = ("behaviour.py", "facts.json", "parameters.py", "scenarios.json")


@dataclass(frozen=True)
class Action:
    """One action, read from its four files."""

    name: str
    facts: Facts
    scenarios: Mapping[str, Scenario]
    parameters: type[Any]
    behaviour: Behaviour

    @property
    def service(self) -> str:
        """The product, as a TC3 scope names it: `faceid` or `iai`."""
        return self.facts.text("service")

    @property
    def has_codes(self) -> bool:
        """Whether its codes decide the bill. An action without codes is taken as free."""
        return bool(self.facts.texts("codes"))


def read_actions(folder: Path = FOLDER) -> list[Action]:
    """Every action of a folder, by name of its folder.

    Raises:
        ValueError: a folder has other files than the four, or no scenario `pass`.
    """
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    return [_read_action(path) for path in folders if not path.name.startswith("__")]


def _read_action(folder: Path) -> Action:
    files = sorted(file.name for file in folder.iterdir() if file.name != "__pycache__")
    if files != sorted(FILES):
        raise ValueError(f"actions/{folder.name} has to hold exactly {', '.join(FILES)}")
    package = f"liveproof_emulator.actions.{folder.name}"
    action_facts = facts.read(folder / "facts.json")
    raw = json.loads((folder / "scenarios.json").read_text("utf-8"))
    scenarios = {name: Scenario(name, entry.pop("about"), entry) for name, entry in raw.items()}
    if PASS not in scenarios:
        raise ValueError(f"actions/{folder.name}/scenarios.json has no {PASS!r}")
    parameters: type[Any] = importlib.import_module(f"{package}.parameters").Parameters
    behaviour: Behaviour = importlib.import_module(f"{package}.behaviour").answer
    return Action(action_facts.text("action"), action_facts, scenarios, parameters, behaviour)
