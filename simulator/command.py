"""`liveproof plan`: what a backlog or a load leads to, before a real one does.

Standard output has a table, or with --json a JSON object per line; standard error has the progress.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveproof import facts

if TYPE_CHECKING:
    from simulator.latency import Percentiles
    from simulator.plan import Plan

_NEEDED = ("simpy", "greenlet", "yaml", "hcl2", "vl_convert")
_INSTALL = "pip install -r requirements/simulator.txt"
_FOR_SECONDS = 600.0
_INTERRUPTED = 130
"""The exit status of a program that SIGINT ended, as shells report it."""


class Misused(Exception):
    """The arguments make no plan; the text says which."""


def add_command(commands: Any) -> None:
    """Add `plan` to the commands of `liveproof`. Nothing of the simulator is imported."""
    parser = commands.add_parser(
        "plan",
        help="simulate a backlog or a load: how long it takes, what it uses and costs",
        description=__doc__,
    )
    checks = tuple(facts.checks())
    parser.add_argument("--check", choices=checks, default="reflect", help="default: reflect")
    load = parser.add_mutually_exclusive_group(required=True)
    load.add_argument("--burst", type=int, metavar="N", help="so many verifications at once")
    load.add_argument("--rate", type=float, metavar="R", help="so many a second, at random times")
    load.add_argument(
        "--arrivals", type=Path, metavar="CSV", help="columns: seconds, check, client, count"
    )
    parser.add_argument(
        "--for", dest="seconds", type=float, default=_FOR_SECONDS, metavar="SECONDS",
        help="how long --rate and --beside last (600)",
    )  # fmt: skip
    parser.add_argument(
        "--beside", action="append", default=[], metavar="CHECK=RATE",
        help="a load of another check meanwhile",
    )  # fmt: skip
    parser.add_argument(
        "--clients", default="shop", metavar="NAME=PART,...", help="who asks, and for what part"
    )
    parser.add_argument("--cloud", choices=("aws", "tencent"), default="aws", help="default: aws")
    for name, meaning in (
        ("quota", "the vendor's limit, calls per second"),
        ("pace", "the setting calls_per_second"),
        ("concurrency", "runs of run_check at once"),
        ("latency", "of the vendor's answer: P50,P95 in seconds"),
    ):
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar="[CHECK=]VALUE", help=meaning
        )
    parser.add_argument("--memory-mb", type=float, help="of the region (Tencent Cloud; 64000)")
    parser.add_argument("--errors", type=float, default=0.0, help="share of errors at the vendor")
    parser.add_argument("--unanswered", type=float, default=0.0, help="share without an answer")
    parser.add_argument(
        "--outage", action="append", default=[], metavar="FROM-UNTIL", help="seconds"
    )
    parser.add_argument("--killed", type=float, default=0.0, help="share of killed runs")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (1)")
    parser.add_argument("--json", action="store_true", help="JSON, an object per line")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a picture")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Simulate; 0 when every verification ended, 1 when not or when it cannot, 2 if misused."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"liveproof plan needs the simulator's packages ({', '.join(missing)} is missing): "
            f"{_INSTALL}",
            file=sys.stderr,
        )
        return 1
    try:
        plan = plan_of(options)
    except (Misused, OSError) as error:
        print(f"liveproof plan: {error}", file=sys.stderr)
        return 2
    try:
        return _simulate(plan, options)
    except BrokenPipeError:
        # Whoever reads the output has enough of it; Python would complain again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr, flush=True)
        # At once: an ordinary exit would first unwind all work that waits in virtual time.
        os._exit(_INTERRUPTED)


def _simulate(plan: Plan, options: argparse.Namespace) -> int:
    import msgspec

    from simulator import costs, table
    from simulator.answer import answer_of
    from simulator.simulation import Simulation

    simulation = Simulation(plan, _progress(sys.stderr.isatty()))
    simulation.run()
    print(file=sys.stderr, end="\r")
    answer = answer_of(simulation)
    items = costs.of_thousand(plan.cloud, answer)
    if options.json:
        for part in (*answer.checks, *answer.clients, answer.use, *items):
            print(msgspec.json.encode(part).decode())
    else:
        print("\n".join(table.lines(plan, answer, items)))
    sys.stdout.flush()
    if options.svg is not None:
        from simulator import picture

        title = f"{plan.cloud}: {len(plan.arrivals):,} verifications"
        options.svg.write_text(picture.draw({title: simulation}), encoding="utf-8")
    return 1 if answer.unfinished else 0


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the arguments describe. Raises Misused, or OSError for a file."""
    from simulator.plan import Disorder, Plan, Troubles

    check = options.check
    changes: dict[str, Any] = {}
    if options.memory_mb is not None:
        changes["memory_mb"] = options.memory_mb

    plan = Plan(
        cloud=options.cloud,
        arrivals=tuple(sorted(_arrivals(options))),
        quota=_by_check("--quota", options.quota, check, _positive),
        pace=_by_check("--pace", options.pace, check, _positive),
        concurrency=_by_check(
            "--concurrency", options.concurrency, check, lambda text: int(_positive(text))
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


def _arrivals(options: argparse.Namespace) -> Iterator[Any]:
    from simulator import plan

    clients = _clients(options.clients)
    if options.burst is not None:
        if options.burst < 1:
            raise Misused("--burst must be positive")
        yield from plan.burst(options.burst, options.check, clients)
    elif options.rate is not None:
        if options.rate <= 0:
            raise Misused("--rate must be positive")
        yield from plan.steady(options.rate, options.seconds, options.check, clients, options.seed)
    else:
        try:
            with options.arrivals.open(encoding="utf-8", newline="") as lines:
                yield from plan.read_arrivals(lines, options.check)
        except plan.ArrivalsUnusable as error:
            raise Misused(f"--arrivals {options.arrivals}: {error}") from None
    for beside, rate in _by_check("--beside", options.beside, "", _positive).items():
        yield from plan.steady(rate, options.seconds, beside, clients, options.seed)


def _by_check(
    option: str, texts: list[str], default: str, read: Callable[[str], Any]
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


def _positive(text: str) -> float:
    """A number above 0. Raises ValueError."""
    number = float(text)
    if not number > 0:
        raise ValueError("not positive")
    return number


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
        if not name or clients[name] <= 0:
            raise Misused(f"--clients {entry}: a name and a positive part are needed")
    return clients


def _window(text: str) -> tuple[float, float]:
    begin, _, end = text.partition("-")
    try:
        return float(begin), float(end)
    except ValueError:
        raise Misused(f"--outage {text}: it must be FROM-UNTIL in seconds") from None


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
