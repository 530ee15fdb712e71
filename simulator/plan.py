"""What is simulated: arrivals, settings, the vendor's latency and limits, faults."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

from liveproof import facts
from liveproof.facts import ApiFacts
from simulator.defaults import concurrency_of
from simulator.latency import Percentiles

Cloud = Literal["aws", "tencent"]

DEFAULT_CLIENT = "shop"


class Arrival(NamedTuple):
    """A verification whose files are all uploaded at `at` (seconds since the start)."""

    at: float
    check: str
    client: str = DEFAULT_CLIENT


class ArrivalsUnusable(Exception):
    """The arrivals cannot be read; the text says where and why."""


class Disorder(Struct, frozen=True):
    """What goes wrong in the cloud.

    Attributes:
        killed: share of the functions' runs that are killed at a random moment.
        lost: share of the messages that never arrive.
        copied: share of the messages that arrive twice.
        shuffled: messages arrive up to half a minute late, in any order.
    """

    killed: float = 0.0
    lost: float = 0.0
    copied: float = 0.0
    shuffled: bool = False


class Troubles(Struct, frozen=True):
    """What goes wrong at the vendor.

    Attributes:
        errors: share of its answers that are an error which costs nothing and may be retried.
        unanswered: share of its answers that never come.
        outages: from and until when no connection can be made, in seconds since the start.
    """

    errors: float = 0.0
    unanswered: float = 0.0
    outages: tuple[tuple[float, float], ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """A simulation. Two runs of one plan are equal.

    Attributes:
        quota: the vendor's limit of a check's paid API, per second; else the documented one.
        pace: the setting `calls_per_second` of a check; else its default, or the same part of
            `quota` as the default is of the documented limit.
        concurrency: how many runs of a check work at once; else what the deployment has.
        latency: of a check's paid call; else `default_latency`.
        operations: latencies of the cloud's operations that differ from `data/latencies.json`.
        call_timeout_seconds: the setting.
        time_limits: of functions, in seconds, where they differ from the deployment's.
        memory_mb: of all functions that run at once in a region of Tencent Cloud.
    """

    cloud: Cloud
    arrivals: tuple[Arrival, ...]
    quota: Mapping[str, float] = {}
    pace: Mapping[str, float] = {}
    concurrency: Mapping[str, int] = {}
    latency: Mapping[str, Percentiles] = {}
    operations: Mapping[str, Percentiles] = {}
    memory_mb: float = 64_000
    call_timeout_seconds: int = 30
    time_limits: Mapping[str, float] = {}
    troubles: Troubles = Troubles()
    disorder: Disorder = Disorder()
    seed: int = 1

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that are asked for, in the order of their first arrival."""
        return tuple(dict.fromkeys(arrival.check for arrival in self.arrivals))

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients that ask, in the order of their first arrival."""
        return tuple(dict.fromkeys(arrival.client for arrival in self.arrivals))

    def quota_of(self, check: str) -> float:
        """The vendor's limit of a check's paid API, per second."""
        return self.quota.get(check, api_of(check).calls_per_second)

    def concurrency_of(self, check: str) -> int:
        """How many runs of the check work at once."""
        return self.concurrency.get(check) or concurrency_of(self.cloud, check, self.pace_of(check))

    def pace_of(self, check: str) -> float:
        """How often the deployment calls the API, per second."""
        if check in self.pace:
            return self.pace[check]
        default = facts.checks()[check].default_calls_per_second
        return default * self.quota_of(check) / api_of(check).calls_per_second


def api_of(check: str) -> ApiFacts:
    """The API that answers a check by default."""
    return facts.apis()[facts.checks()[check].apis[0]]


def burst(count: int, check: str, clients: Mapping[str, float], at: float = 0.0) -> list[Arrival]:
    """A number of verifications at one moment, shared out to the clients, one's after the other's.

    Args:
        clients: by name, its part of the whole.
    """
    arrivals: list[Arrival] = []
    whole, before = sum(clients.values()), 0.0
    for name, part in clients.items():
        first = round(count * before / whole)
        before += part
        arrivals += [Arrival(at, check, name)] * (round(count * before / whole) - first)
    return arrivals


def steady(
    per_second: float, seconds: float, check: str, clients: Mapping[str, float], seed: int
) -> Iterator[Arrival]:
    """Verifications that come independently of one another (a Poisson process)."""
    chance = random.Random(f"{seed}.arrivals.{check}")
    names, parts = list(clients), list(clients.values())
    at = chance.expovariate(per_second)
    while at < seconds:
        yield Arrival(at, check, chance.choices(names, parts)[0])
        at += chance.expovariate(per_second)


def read_arrivals(lines: Iterable[str], check: str) -> list[Arrival]:
    """Arrivals from CSV with a header: `seconds`, and if they differ `check`, `client`, `count`.

    Args:
        check: of the lines that name none.

    Raises:
        ArrivalsUnusable: with the line.
    """
    reader = csv.DictReader(lines)
    columns = {"seconds", "check", "client", "count"}
    names = set(reader.fieldnames or ())
    if "seconds" not in names or names - columns:
        raise ArrivalsUnusable(
            "the first line must name the columns: seconds, and if needed check, client, count"
        )
    arrivals: list[Arrival] = []
    for number, row in enumerate(reader, start=2):
        try:
            at, count = float(row["seconds"]), int(row.get("count") or 1)
        except (TypeError, ValueError):
            raise ArrivalsUnusable(f"line {number}: seconds and count must be numbers") from None
        check_name = row.get("check") or check
        if check_name not in facts.checks():
            raise ArrivalsUnusable(f"line {number}: there is no check {check_name!r}")
        if not 0 <= at < math.inf or count < 1:
            raise ArrivalsUnusable(
                f"line {number}: seconds is negative or no number, or count is not positive"
            )
        arrivals += [Arrival(at, check_name, row.get("client") or DEFAULT_CLIENT)] * count
    return sorted(arrivals)
