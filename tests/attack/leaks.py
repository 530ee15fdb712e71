"""Readers of logs, records, webhooks and consoles: what they must not find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from liveproof import facts
from tests.attack.leaks_canaries import CANARIES, RECORDS, Canary, Ground
from tests.attack.leaks_places import read_places
from tests.attack.leaks_play import SCENARIOS, Play
from tests.attack.rows import Outcome, Row, Side
from tools.local.cloud import LocalCloud


def _searched(canary: Canary, ground: Ground) -> Outcome:
    values = [value for value in canary.values(ground) if value]
    assert values
    holding = [
        name for name, content in ground.places.items() if any(value in content for value in values)
    ]
    unsearched = RECORDS if canary.sqlite_keeps and ground.cloud.name != "aws" else None
    odd = [name for name in holding if name not in (*canary.allowed, unsearched)]
    missing = [name for name in canary.allowed if name not in holding]
    summary = ", ".join(holding) or "nowhere"
    return Outcome(f"{summary} (of {len(ground.places)} places)", not odd and not missing)


def _play_happened(ground: Ground) -> Outcome:
    """What is looked for was there: ids in log and records, every decision in the play."""
    logged = sum(id.encode() in ground.places["functions.log"] for id in ground.ids)
    recorded = sum(id.encode() in ground.places[RECORDS] for id in ground.ids)
    summary = ", ".join(f"{name} {count}" for name, count in sorted(ground.decided.items()))
    every = {"passed", "rejected", "resubmit", "error"} <= set(ground.decided)
    whole = logged == recorded == len(ground.ids) and not ground.decided["undecided"]
    return Outcome(f"{summary}; logged {logged}, recorded {recorded}", every and whole)


def _no_traceback(ground: Ground) -> Outcome:
    """SCF tries an event again only if the function raises, and logs what it raised."""
    log = ground.places["functions.log"]
    tracebacks, by_intention = log.count(b"Traceback"), log.count(b"MessagesFailed: ")
    what = f"{tracebacks}, of which {by_intention} only say that an event is to come again"
    return Outcome(what, tracebacks == by_intention)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table of one cloud. The play takes a minute, so `make test` leaves it out: canaries go
    through every path in tests/use_cases and through both local clouds in tests/functions."""
    assert set(SCENARIOS) == set(facts.checks())
    searches = [
        Row(
            canary.name,
            ", ".join(canary.allowed) or "nowhere",
            partial(_searched, canary),
            slow=True,
        )
        for canary in CANARIES
    ]
    return (
        Row(
            "the play was played",
            "each decision, every id logged and recorded",
            _play_happened,
            slow=True,
        ),
        *searches,
        Row("a traceback in the functions' log", "nowhere", _no_traceback, slow=True),
    )


@contextmanager
def standing(cloud: LocalCloud | None) -> Iterator[Ground]:
    """The play, played; and the places after it."""
    assert cloud is not None
    ground = Ground(cloud)
    Play(ground).run()
    ground.places = read_places(cloud)
    yield ground


SIDE = Side("leaks", "whoever reads logs, records, webhooks and consoles", rows, standing,
            on_clouds=True)  # fmt: skip
