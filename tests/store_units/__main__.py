"""`make store-units`: what one whole verification asks of each cloud's store.

    python -m tests.store_units

Standard output has a JSON line per check and vendor API, standard error a table. The exit status is
1 if a verification needs more than the budget of write units. The rules of counting are in
tests/support/dynamo_units.py.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from liveproof import observability
from liveproof_emulator import testing
from liveproof_emulator.catalogue import Catalogue
from tests.store_units.counts import Statements, count_in_sql, count_on_dynamodb
from tests.support.dynamo_units import Units
from tests.support.ways import WAYS
from tools.demo.table import render

BUDGET = 25
"""Write units of a verification without an Idempotency-Key."""

_KEY = "an idempotency key"
_PLACES = ("records", "index unfinished", "index by_client", "claims", "quota", "endpoints")


@dataclass(frozen=True)
class Line:
    """The counts of one way."""

    name: str
    units: Units
    statements: Statements

    @property
    def write_units(self) -> int:
        return self.units.written.total()

    @property
    def read_units(self) -> float:
        return sum(self.units.read.values())

    def document(self) -> dict[str, object]:
        """The line as JSON."""
        return {
            "verification": self.name,
            "write_units": self.write_units,
            "written": {place: self.units.written[place] for place in _PLACES},
            "read_units": self.read_units,
            "requests": dict(sorted(self.units.requests.items())),
            "sql_changes": self.statements.changed,
            "sql_reads": self.statements.read,
        }

    def cells(self) -> list[str]:
        """The line as a row of the table."""
        places = [str(self.units.written[place]) for place in _PLACES]
        requests = self.units.requests.total()
        numbers = (self.write_units, f"{self.read_units:g}", requests)
        statements = (self.statements.changed, self.statements.read)
        return [self.name, *places, *map(str, (*numbers, *statements))]


_COLUMNS = (
    "verification", "records", "unfinished", "by_client", "claims", "quota",
    "endpoints", "write units",    "read units", "requests", "SQL changes", "SQL reads",
)  # fmt: skip


def count() -> Iterator[Line]:
    """Each way, and one that is created with an Idempotency-Key."""
    fast = dict.fromkeys(Catalogue().actions, 1000)
    with testing.start(calls_per_second=fast) as vendor:
        for way in WAYS:
            yield Line(str(way), count_on_dynamodb(vendor, way), count_in_sql(vendor, way))
        keyed = WAYS[0]
        yield Line(
            f"{keyed} with a key",
            count_on_dynamodb(vendor, keyed, _KEY),
            count_in_sql(vendor, keyed, _KEY),
        )


def main() -> int:
    """Counts and prints; the exit status."""
    observability.logger.setLevel("CRITICAL")
    lines = []
    for line in count():
        lines.append(line)
        print(json.dumps(line.document()), flush=True)
    print(render(_COLUMNS, [line.cells() for line in lines], _COLUMNS[1:]), file=sys.stderr)
    without_key = [line for line in lines if not line.units.written["claims"]]
    most = max(line.write_units for line in without_key)
    print(f"store-units: at most {most} write units, budget {BUDGET}", file=sys.stderr)
    return 0 if most <= BUDGET else 1


if __name__ == "__main__":
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "example")
    sys.exit(main())
