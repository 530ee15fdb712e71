"""A session of Cosmic Ray: the changes that it can make, and a sample of them."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.suites import OPERATORS_LEFT_OUT


@dataclass(frozen=True)
class Mutation:
    """A change that Cosmic Ray can make.

    Attributes:
        file: its path in the repository.
        line: where the change begins.
        operator, occurrence: the arguments of `cosmic-ray apply`.
    """

    file: str
    line: int
    operator: str
    occurrence: int


def places(session: Path) -> list[list[Mutation]]:
    """The places of the code that a session can change, with the changes of each."""
    by_place: dict[tuple[str, int, int], list[Mutation]] = defaultdict(list)
    with closing(sqlite3.connect(session)) as database:
        for file, line, column, operator, occurrence in database.execute(
            "SELECT module_path, start_pos_row, start_pos_col, operator_name, occurrence"
            " FROM mutation_specs ORDER BY 1, 2, 3, 4, 5"
        ):
            if not operator.startswith(OPERATORS_LEFT_OUT):
                mutation = Mutation(file, line, operator, occurrence)
                by_place[file, line, column].append(mutation)
    return [by_place[place] for place in sorted(by_place)]


def sample(places: list[list[Mutation]], rng: random.Random, count: int) -> list[Mutation]:
    """One change at each of so many places: Cosmic Ray knows ten of a `+`, and one of a `not`."""
    chosen = sorted(rng.sample(range(len(places)), min(len(places), count)))
    return [rng.choice(places[place]) for place in chosen]
