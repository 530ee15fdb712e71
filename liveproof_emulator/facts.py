"""Facts: numbers and names that the vendor published, each with its source and date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Fact:
    """One entry. `confirmed` is False if nothing published says so: then it is our choice."""

    value: object
    source: str
    date: str
    confirmed: bool


class Facts:
    """The entries of one file, read by type."""

    def __init__(self, entries: Mapping[str, Fact]) -> None:
        self.entries = dict(entries)

    def number(self, name: str) -> float:
        """A number. TypeError if the entry is something else."""
        value = self.entries[name].value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} is not a number")
        return value

    def integer(self, name: str) -> int:
        """A whole number. TypeError if the entry is something else."""
        value = self.number(name)
        if not isinstance(value, int):
            raise TypeError(f"{name} is not an integer")
        return value

    def text(self, name: str) -> str:
        """A string. TypeError if the entry is something else."""
        value = self.entries[name].value
        if not isinstance(value, str):
            raise TypeError(f"{name} is not a string")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings. TypeError if the entry is something else."""
        value = self.entries[name].value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TypeError(f"{name} is not a list of strings")
        return tuple(value)

    def table(self, name: str) -> dict[str, str]:
        """An object of strings. TypeError if the entry is something else."""
        value = self.entries[name].value
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise TypeError(f"{name} is not an object of strings")
        return dict(value)


def read(path: Path) -> Facts:
    """The facts of a JSON file. ValueError if an entry lacks its source, date or `confirmed`."""
    raw = json.loads(path.read_text("utf-8"))
    entries: dict[str, Fact] = {}
    for name, entry in raw.items():
        try:
            fact = Fact(entry["value"], entry["source"], entry["date"], entry["confirmed"])
        except (KeyError, TypeError) as problem:
            raise ValueError(f"{path.name}: {name}: {problem}") from problem
        if not fact.source or not fact.date or not isinstance(fact.confirmed, bool):
            raise ValueError(f"{path.name}: {name}: source, date and confirmed are needed")
        entries[name] = fact
    return Facts(entries)


COMMON = read(FOLDER / "common.json")
COS = read(FOLDER / "cos.json")
