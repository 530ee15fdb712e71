"""`python -m simulator.pages`: runs the plans of docs/planning.md and writes what they answer.

The answers are kept in docs/planning.json, and the page's tables are made of them; the picture is
docs/planning.svg. `--only NAME` runs some plans anew and keeps the answers of the others.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from simulator import costs, picture
from simulator.answer import Answer, CheckAnswer, Waits, build_answer
from simulator.examples import (
    BURST,
    CLOUDS,
    CONCURRENCIES,
    LARGE,
    LATENCIES,
    LOADS,
    OUTAGE,
    SMALL_CLIENT,
    plans,
)
from simulator.simulation import Simulation
from tools import ROOT

ANSWERS = ROOT / "docs" / "planning.json"
PAGE = ROOT / "docs" / "planning.md"
PICTURE = ROOT / "docs" / "planning.svg"
_TITLES = {"aws": "AWS", "tencent": "Tencent Cloud"}
_PICTURED = tuple(f"{cloud}.reflect" for cloud in CLOUDS)
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of the table -->\n)", re.DOTALL)


class Kept(Struct, frozen=True):
    """An answer as docs/planning.json keeps it.

    Attributes:
        usd: of a thousand such verifications, without the vendor's calls.
    """

    answer: Answer
    usd: float


class _Answers(Struct, frozen=True):
    note: str
    plans: dict[str, Kept]


def read() -> dict[str, Kept]:
    """The kept answers by the plan's name."""
    return msgspec.json.decode(ANSWERS.read_bytes(), type=_Answers).plans


def page(kept: Mapping[str, Kept]) -> str:
    """docs/planning.md as it is, with the tables between its marks written anew."""
    text = PAGE.read_text(encoding="utf-8")
    return _TABLE.sub(lambda mark: f"{mark[1]}{_grid(*TABLES[mark[2]](kept))}\n{mark[3]}", text)


_Grid = tuple[list[str], list[list[str]]]


def _bursts(kept: Mapping[str, Kept]) -> _Grid:
    head = ["cloud", "check", "verifications", "calls", "of the limit's time", "throttled",
            "p50", "p95", "longest", "messages", "runs without work", "USD per 1 000"]  # fmt: skip
    rows = []
    for name in ("reflect", "photo", "large"):
        for cloud in CLOUDS:
            one = kept.get(f"{cloud}.{name}")
            if one is None:
                continue
            check, use = one.answer.checks[0], one.answer.use
            rows.append(
                [_TITLES[cloud], f"`{check.check}`", _whole(check.offered), _span(check),
                 _ratio(check), _whole(check.throttled), *_waits(check.put_to_decision),
                 _whole(use.messages), _whole(use.skipped_runs), f"{one.usd:.2f}"]
            )  # fmt: skip
    return head, rows


def _clients(kept: Mapping[str, Kept]) -> _Grid:
    rows = []
    for cloud in CLOUDS:
        for name, what in (("small_alone", "alone"), ("clients", f"beside {BURST:,} of another")):
            for client in kept[f"{cloud}.{name}"].answer.clients:
                if client.client == SMALL_CLIENT:
                    rows.append(
                        [_TITLES[cloud], what.replace(",", " "), str(client.offered),
                         *_waits(client.put_to_decision)]
                    )  # fmt: skip
    return ["cloud", "client `small`", "verifications", "p50", "p95", "longest"], rows


def _checks(kept: Mapping[str, Kept]) -> _Grid:
    rows = []
    for cloud in CLOUDS:
        for name, what in (("photo_alone", "alone"), ("checks", "beside a burst of `reflect`")):
            for check in kept[f"{cloud}.{name}"].answer.checks:
                if check.check == "photo":
                    rows.append(
                        [_TITLES[cloud], what, _whole(check.offered),
                         *_waits(check.put_to_decision)]
                    )  # fmt: skip
    return ["cloud", "`photo`", "verifications", "p50", "p95", "longest"], rows


def _loads(kept: Mapping[str, Kept]) -> _Grid:
    rows = []
    for cloud in CLOUDS:
        for share in LOADS:
            check = kept[f"{cloud}.load.{share:g}"].answer.checks[0]
            rows.append(
                [_TITLES[cloud], f"{share * check.quota:g}", f"{share:.0%}".replace("%", " %"),
                 *_waits(check.put_to_decision, p99=True), _whole(check.throttled)]
            )  # fmt: skip
    head = ["cloud", "a second", "of the quota", "p50", "p95", "p99", "longest", "throttled"]
    return head, rows


def _settings(kept: Mapping[str, Kept]) -> _Grid:
    named: list[tuple[str, str, str]] = [("aws", "as deployed", "aws.reflect")]
    named += [
        ("aws", f"{number} runs at once", f"aws.concurrency.{number}") for number in CONCURRENCIES
    ]
    for cloud in CLOUDS:
        named += [
            (cloud, f"the vendor takes {seconds:g} s", f"{cloud}.latency.{seconds:g}")
            for seconds in LATENCIES
        ]
        begin, end = OUTAGE
        named.append(
            (cloud, f"the vendor is down from {begin:g} s to {end:g} s", f"{cloud}.outage")
        )
    rows = []
    for place, what, name in named:
        one = kept[name]
        check = one.answer.checks[0]
        rows.append(
            [_TITLES[place], what, str(check.concurrency), _span(check), _ratio(check),
             _whole(check.throttled), *_waits(check.put_to_decision), f"{one.usd:.2f}"]
        )  # fmt: skip
    head = ["cloud", "what differs", "runs at once", "calls", "of the limit's time", "throttled",
            "p50", "p95", "longest", "USD per 1 000"]  # fmt: skip
    return head, rows


TABLES: dict[str, Callable[[Mapping[str, Kept]], _Grid]] = {
    "bursts": _bursts,
    "clients": _clients,
    "checks": _checks,
    "loads": _loads,
    "settings": _settings,
}


def _grid(head: list[str], rows: list[list[str]]) -> str:
    numbers = [all(_is_number(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "| " + " | ".join(cells) + " |"
        for cells in (head, ["---:" if number else "---" for number in numbers], *rows)
    )


def _is_number(text: str) -> bool:
    return text[:1].isdigit() or text == "-"


def _span(check: CheckAnswer) -> str:
    return _seconds(check.calls_seconds)


def _ratio(check: CheckAnswer) -> str:
    return "-" if check.ratio is None else f"{check.ratio:.3f}"


def _waits(waits: Waits, *, p99: bool = False) -> list[str]:
    values = [waits.p50, waits.p95, *([waits.p99] if p99 else []), waits.most]
    return [_seconds(value) for value in values]


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{_whole(round(value))} s" if value >= 100 else f"{value:.1f} s"


def _whole(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(names: list[str]) -> Iterator[tuple[str, Simulation]]:
    """Each plan of the names after its run; says how long that took."""
    every = plans()
    for name in names:
        simulation = Simulation(every[name])
        began = time.process_time()
        simulation.run()
        took = time.process_time() - began
        count = len(simulation.plan.arrivals)
        _say(f"{name}: {took:.1f} s, {1000 * took / count:.2f} ms per verification")
        yield name, simulation


def main(arguments: list[str] | None = None) -> int:
    """Run plans and write the page, its answers and its picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="a part of a plan's name")
    parser.add_argument("--without-large", action="store_true", help=f"leave out {LARGE:,}")
    options = parser.parse_args(arguments)
    kept: dict[str, Kept] = read() if ANSWERS.exists() else {}
    chosen = [
        name
        for name in plans()
        if (options.only is None or any(part in name for part in options.only))
        and not (options.without_large and name.endswith(".large"))
    ]
    pictured: dict[str, Simulation] = {}
    for name, simulation in _run(chosen):
        answer = build_answer(simulation)
        usd = costs.together(costs.of_thousand(simulation.plan.cloud, answer))
        kept[name] = Kept(answer, usd)
        _write(kept)  # what was simulated is kept when a later plan is stopped
        if name in _PICTURED:
            pictured[name] = simulation
    PAGE.write_text(page(kept), encoding="utf-8")
    if set(pictured) == set(_PICTURED):
        PICTURE.write_text(draw_picture(pictured), encoding="utf-8")
    return 0


def _write(kept: Mapping[str, Kept]) -> None:
    document: dict[str, Any] = {
        "note": "What the plans of simulator/examples.py answer. Written by `make plans`.",
        "plans": {name: kept[name] for name in plans() if name in kept},
    }
    ANSWERS.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")


def draw_picture(runs: Mapping[str, Simulation]) -> str:
    """docs/planning.svg: the burst of `reflect` on both clouds."""
    return picture.draw(
        {
            f"{_TITLES[run.plan.cloud]}: a burst of {_whole(BURST)} `reflect`".replace("`", ""): run
            for run in runs.values()
        }
    )


if __name__ == "__main__":
    sys.exit(main())
