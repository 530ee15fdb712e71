"""`liveproof plan`: what a backlog or a load leads to, before a real one does."""

from __future__ import annotations

import csv
import importlib.util
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from liveproof import facts
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone

if TYPE_CHECKING:
    from simulator.latency import Percentiles
    from simulator.plan import Plan

_NEEDED = ("simpy", "greenlet", "yaml", "hcl2")
_NEEDED_BY_SVG = "vl_convert"
_INSTALL = "pip install -r requirements/simulator.txt"
_FOR_SECONDS = 600.0
_INTERRUPTED = 130
"""The exit status of a program that SIGINT ended, as shells report it."""


class Misused(click.UsageError):
    """The arguments make no plan; the text says which."""


@command
@click.option(
    "--check", type=click.Choice(list(facts.checks())), default="reflect", show_default=True
)
@click.option("--burst", type=int, metavar="N", help="So many verifications at once.")
@click.option("--rate", type=float, metavar="R", help="So many a second, at random times.")
@click.option(
    "--arrivals",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="A file with the columns seconds, check, client, count.",
)
@click.option(
    "--for",
    "seconds",
    type=float,
    default=_FOR_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long --rate and --beside last.",
)
@click.option(
    "--beside", multiple=True, metavar="CHECK=RATE", help="A load of another check meanwhile."
)
@click.option(
    "--clients", default="shop", metavar="NAME=PART,...", help="Who asks, and for what part."
)
@click.option("--cloud", type=click.Choice(["aws", "tencent"]), default="aws", show_default=True)
@click.option(
    "--quota", multiple=True, metavar="[CHECK=]VALUE", help="The vendor's limit, calls per second."
)
@click.option(
    "--pace", multiple=True, metavar="[CHECK=]VALUE", help="The setting calls_per_second."
)
@click.option(
    "--concurrency", multiple=True, metavar="[CHECK=]VALUE", help="Runs of run_check at once."
)
@click.option(
    "--latency",
    multiple=True,
    metavar="[CHECK=]P50,P95",
    help="Of the vendor's answer, in seconds.",
)
@click.option("--memory-mb", type=float, help="Of the region (Tencent Cloud; 64000).")
@click.option("--errors", type=float, default=0.0, help="Share of errors at the vendor.")
@click.option("--unanswered", type=float, default=0.0, help="Share without an answer.")
@click.option("--outage", multiple=True, metavar="FROM-UNTIL", help="In seconds.")
@click.option("--killed", type=float, default=0.0, help="Share of killed runs.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random numbers.")
@click.option(
    "--svg", type=click.Path(path_type=Path), metavar="FILE", help="Write a picture to this file."
)
def run(**arguments: Any) -> None:
    """Simulate a backlog or a load: how long it takes, what it uses and costs.

    Name one of --burst, --rate and --arrivals. Standard output has a table, standard error the
    progress. The exit status is 1 if a verification did not end. This needs no deployment.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise CannotBeDone(
            f"liveproof plan needs the simulator's packages ({', '.join(missing)} is missing): "
            f"{_INSTALL}"
        )
    if arguments["svg"] is not None and importlib.util.find_spec(_NEEDED_BY_SVG) is None:
        raise CannotBeDone("--svg needs the package vl-convert-python: make .venv installs it")
    options = SimpleNamespace(**arguments)
    if sum(load is not None for load in (options.burst, options.rate, options.arrivals)) != 1:
        raise Misused("name one of --burst, --rate and --arrivals")
    try:
        plan = build_plan(options)
    except OSError as error:
        raise Misused(str(error)) from None
    try:
        ended = _simulate(plan, options)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr, flush=True)
        # At once: an ordinary exit would first unwind all work that waits in virtual time.
        os._exit(_INTERRUPTED)
    if not ended:
        click.get_current_context().exit(1)


def _simulate(plan: Plan, options: SimpleNamespace) -> bool:
    """Prints the answer; whether every verification ended."""
    import msgspec

    from simulator import costs, table
    from simulator.answer import build_answer
    from simulator.simulation import Simulation

    simulation = Simulation(plan, _progress(sys.stderr.isatty()))
    simulation.run()
    print(file=sys.stderr, end="\r")
    answer = build_answer(simulation)
    items = costs.of_thousand(plan.cloud, answer)
    if choices().as_json:
        for part in (*answer.checks, *answer.clients, answer.use, *items):
            print(msgspec.json.encode(part).decode())
    else:
        print("\n".join(table.lines(plan, answer, items)))
    sys.stdout.flush()
    if options.svg is not None:
        from simulator import picture

        title = f"{plan.cloud}: {len(plan.arrivals):,} verifications"
        options.svg.write_text(picture.draw({title: simulation}), encoding="utf-8")
    return not answer.unfinished


def build_plan(options: SimpleNamespace) -> Plan:
    """The plan that the arguments describe. Raises Misused, or OSError for a file."""
    from simulator.plan import Disorder, Plan, Troubles

    check = options.check
    changes: dict[str, Any] = {}
    if options.memory_mb is not None:
        if not options.memory_mb > 0:
            raise Misused("--memory-mb must be positive")
        changes["memory_mb"] = options.memory_mb

    plan = Plan(
        cloud=options.cloud,
        arrivals=tuple(sorted(_arrivals(options))),
        quota=_by_check("--quota", options.quota, check, _positive),
        pace=_by_check("--pace", options.pace, check, _positive),
        concurrency=_by_check(
            "--concurrency", options.concurrency, check, lambda text: _positive(text, int)
        ),
        latency=_by_check("--latency", options.latency, check, _percentiles),
        troubles=Troubles(
            options.errors, options.unanswered, tuple(_window(text) for text in options.outage)
        ),
        disorder=Disorder(killed=options.killed),
        seed=options.seed,
        **changes,
    )
    if not plan.arrivals:
        raise Misused("nothing arrives")
    for share in (options.errors, options.unanswered, options.killed):
        if not 0 <= share <= 1:
            raise Misused("a share is between 0 and 1")
    return plan


def _arrivals(options: SimpleNamespace) -> Iterator[Any]:
    from simulator import plan

    clients = _clients(options.clients)
    if not 0 < options.seconds < math.inf:
        raise Misused("--for must be positive, and end")
    if options.burst is not None:
        if options.burst < 1:
            raise Misused("--burst must be positive")
        yield from plan.burst(options.burst, options.check, clients)
    elif options.rate is not None:
        if not 0 < options.rate < math.inf:
            raise Misused("--rate must be positive")
        yield from plan.steady(options.rate, options.seconds, options.check, clients, options.seed)
    else:
        try:
            # Spreadsheets begin a file of UTF-8 with a mark.
            with options.arrivals.open(encoding="utf-8-sig", newline="") as lines:
                yield from plan.read_arrivals(lines, options.check)
        except (plan.ArrivalsUnusable, UnicodeDecodeError, csv.Error) as error:
            raise Misused(f"--arrivals {options.arrivals}: {error}") from None
    for beside, rate in _by_check("--beside", options.beside, "", _positive).items():
        yield from plan.steady(rate, options.seconds, beside, clients, options.seed)


def _by_check(
    option: str, texts: Sequence[str], default: str, read: Callable[[str], Any]
) -> dict[str, Any]:
    """The values of an option by check. Raises Misused."""
    values = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        check = name if equals else default
        if check not in facts.checks():
            raise Misused(f"{option} {text}: there is no check {check!r}")
        try:
            values[check] = read(value)
        except ValueError:
            raise Misused(f"{option} {text}: not a value of this option") from None
    return values


def _positive(text: str, number: Callable[[str], float] = float) -> float:
    """A finite number above 0. Raises ValueError."""
    value = number(text)
    if not 0 < value < math.inf:
        raise ValueError("not positive")
    return value


def _percentiles(text: str) -> Percentiles:
    """The median and the 95th percentile, in seconds. Raises ValueError."""
    from simulator.latency import Percentiles

    p50, _, p95 = text.partition(",")
    median = _positive(p50)
    tail = _positive(p95 or p50)
    if tail < median:
        raise ValueError("the 95th percentile is below the median")
    return Percentiles(median * 1000, tail * 1000)


def _clients(text: str) -> dict[str, float]:
    clients = {}
    for entry in text.split(","):
        name, equals, part = entry.partition("=")
        try:
            clients[name] = float(part) if equals else 1.0
        except ValueError:
            raise Misused(f"--clients {entry}: the part must be a number") from None
        if not name or not 0 < clients[name] < math.inf:
            raise Misused(f"--clients {entry}: a name and a positive part are needed")
    return clients


def _window(text: str) -> tuple[float, float]:
    begin, _, end = text.partition("-")
    try:
        window = float(begin), float(end)
    except ValueError:
        raise Misused(f"--outage {text}: it must be FROM-UNTIL in seconds") from None
    if not window[0] < window[1]:
        raise Misused(f"--outage {text}: it must end after it began")
    return window


def _progress(is_terminal: bool) -> Callable[[int, int, float], None]:
    """Tells people how far it is, at most a hundred times."""
    shown = -1

    def show(done: int, all_of_them: int, seconds: float) -> None:
        nonlocal shown
        percent = 100 * done // all_of_them
        if percent == shown:
            return
        shown = percent
        if is_terminal:
            print(f"\r{percent:3d} %  {seconds:,.0f} s", file=sys.stderr, end="", flush=True)
        elif percent % 25 == 0:
            print(f"{percent} %, {seconds:,.0f} s of virtual time", file=sys.stderr, flush=True)

    return show
