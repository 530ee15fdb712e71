"""A session of Cosmic Ray: its mutants, a sample of them, and how each ended."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.suites import OPERATORS_LEFT_OUT

NOTHING = "(nothing)"
_TABLES = ("mutation_specs", "work_results", "work_items")


@dataclass(frozen=True)
class Mutant:
    """A mutant that was tried.

    Attributes:
        module: its path below layers/liveproof.
        killed: whether a test failed, or the time was over.
        removed, added: the lines that differ; NOTHING if there are none.
    """

    module: str
    line: int
    operator: str
    killed: bool
    removed: str
    added: str


def sample(session: Path, rng: random.Random, share: float) -> int:
    """Leave a share of the mutated places, each with one mutant; returns how many are left.

    One for a place: Cosmic Ray makes ten mutants of a `+`, and one of a `not`.
    """
    with closing(sqlite3.connect(session)) as database, database:
        places: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        for job, operator, *place in database.execute(
            "SELECT job_id, operator_name, module_path, start_pos_row, start_pos_col"
            " FROM mutation_specs ORDER BY module_path, start_pos_row, start_pos_col,"
            " operator_name, occurrence"
        ):
            if not operator.startswith(OPERATORS_LEFT_OUT):
                module, row, column = place
                places[module, row, column].append(job)
        chosen = sorted(rng.sample(sorted(places), min(len(places), round(len(places) * share))))
        kept = [rng.choice(places[place]) for place in chosen]
        for table in _TABLES:
            marks = ", ".join("?" * len(kept))
            database.execute(f"DELETE FROM {table} WHERE job_id NOT IN ({marks})", kept)  # noqa: S608
    return len(kept)


def places(session: Path) -> int:
    """How many places of the code a session can mutate."""
    with closing(sqlite3.connect(session)) as database:
        found = {
            tuple(place)
            for operator, *place in database.execute(
                "SELECT operator_name, module_path, start_pos_row, start_pos_col"
                " FROM mutation_specs"
            )
            if not operator.startswith(OPERATORS_LEFT_OUT)
        }
    return len(found)


def mutants(dump: str) -> Iterator[Mutant]:
    """The mutants of `cosmic-ray dump` that were tried."""
    for line in dump.splitlines():
        item, result = json.loads(line)
        if result is None or result["diff"] is None:
            continue  # not tried, or Cosmic Ray could not write it
        (mutation,) = item["mutations"]
        changed = [
            text
            for text in result["diff"].splitlines()
            if text[:1] in ("-", "+") and not text.startswith(("---", "+++"))
        ]
        yield Mutant(
            module=mutation["module_path"].removeprefix("layers/liveproof/"),
            line=mutation["start_pos"][0],
            operator=mutation["operator_name"].removeprefix("core/"),
            killed=result["test_outcome"] != "survived",
            removed=_lines(changed, "-"),
            added=_lines(changed, "+"),
        )


def _lines(changed: list[str], sign: str) -> str:
    """The lines of a diff with this sign, as one; empty ones are left out."""
    lines = [text[1:].strip() for text in changed if text[0] == sign]
    return " ".join(filter(None, lines)) or NOTHING
