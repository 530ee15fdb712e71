"""The types of what the emulator can answer: codes, scenarios and faults, as the data have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Billed = Literal["yes", "no", "unknown"]
BILLED: dict[str, Billed] = {"yes": "yes", "no": "no", "unknown": "unknown"}

Effect = Literal["error", "silence", "stall", "reset", "cut", "replace", "relabel", "drip"]
EFFECTS: tuple[Effect, ...] = (
    "error", "silence", "stall", "reset", "cut", "replace", "relabel", "drip",
)  # fmt: skip
_LOSE_THE_ANSWER: tuple[Effect, ...] = ("silence", "stall", "reset", "cut", "replace")


@dataclass(frozen=True)
class Code:
    """A code of the vendor: our sentence for it, whether it bills, and who published that."""

    message: str
    billed: Billed
    source: str


@dataclass(frozen=True)
class Scenario:
    """One outcome of an action. Only the action's behaviour reads the values."""

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


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with a call, whatever its scenario is.

    `executed`: the vendor does its work (and bills it) all the same. `once`: the fault happens on
    every other call with the same files. `code` belongs to the effect "error"; `status`,
    `content_type` and `body` to "replace" and "relabel"; `seconds` to "drip".
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

    @property
    def loses_the_answer(self) -> bool:
        """Whether the caller does not get the whole answer of the vendor."""
        return self.effect in _LOSE_THE_ANSWER
