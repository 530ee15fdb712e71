"""`liveproof reconcile BILL.csv`: the ledger beside the vendor's bill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from liveproof.clock import iso, milliseconds
from liveproof.domain.verification import Verification
from liveproof_cli import output
from liveproof_cli.bills.comparison import DaySum, Finding, compare, sums
from liveproof_cli.bills.formats import named_format, parse_zone
from liveproof_cli.bills.reading import Bill, open_bill
from liveproof_cli.bills.store import Store, temporary_store
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.ledger import Period, ledger
from liveproof_cli.prices import prices_option, read_prices
from liveproof_cli.progress import counted

_DAY_MS = 24 * 60 * 60 * 1000


class _Zone(click.ParamType[str]):
    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse_zone(value)
        except (ValueError, IndexError):
            self.fail(f"{value!r} is no offset such as +08:00")
        return str(value)


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day such as 2026-11-26")


@command
@click.argument("bill_file", metavar="BILL.csv", type=click.Path(path_type=Path))
@click.option(
    "--columns",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="JSON that says what the bill's columns mean, for a bill of an unknown format.",
)
@click.option(
    "--time-zone",
    metavar="+HH:MM",
    type=_Zone(),
    help="Of the bill's times. Default: as the format says, +08:00 for the vendor's.",
)
@click.option("--first-day", metavar="DAY", type=_Day(), help="Default: the bill's first day.")
@click.option("--last-day", metavar="DAY", type=_Day(), help="Default: the bill's last day.")
@click.option(
    "--client", "clients", multiple=True, metavar="NAME", help="Only this client's calls."
)
@prices_option
def run(
    bill_file: Path,
    columns: Path | None,
    time_zone: str | None,
    first_day: date | None,
    last_day: date | None,
    clients: tuple[str, ...],
    prices: Path | None,
) -> None:
    """Compare the ledger with a bill of the vendor, call by call.

    A bill is a CSV file in UTF-8 or GB18030. Where it has RequestIds, each call is looked up by
    them; where it has none, the numbers of calls of each action, region and day are compared, and
    the command says so. Exit status 0: they agree; 1: they differ, or the command could not be
    done.
    """
    by_action = read_prices(prices)
    named = None if columns is None else named_format(columns)
    zone = None if time_zone is None else parse_zone(time_zone)
    with open_bill(bill_file, named, zone) as bill, temporary_store(bill.zone) as store:
        with counted("rows of the bill read") as progress:

            def rows() -> Iterator[Any]:
                for row in bill.rows:
                    progress.advance(row.at)
                    yield row

            store.add_bill(rows())
        first, last = _days(store, first_day, last_day)
        left_out = store.keep_period(first.isoformat(), last.isoformat())
        period = Period(_begin(first, bill), _begin(last + timedelta(days=1), bill))
        _say_what_is_compared(bill, period, left_out, store)
        with open_deployment() as deployment, counted("verifications read") as progress:

            def read(verification: Verification) -> None:
                progress.advance(verification.created_at)

            names = clients or deployment.clients()
            # A call may be in the bill of the day before or after.
            around = Period((period.since or 0) - _DAY_MS, (period.until or 0) + _DAY_MS)
            store.add_ledger(ledger(deployment.records, names, around, read=read), period)
        findings = compare(
            store,
            by_action,
            by_request_id=bill.has_request_ids,
            has_regions="region" in bill.columns,
        )
        differences = _print(findings, sums(store, by_action))
    if differences:
        click.get_current_context().exit(1)


def _days(store: Store, first: date | None, last: date | None) -> tuple[date, date]:
    """The days that are compared. Raises CannotBeDone where nothing says so."""
    in_bill = store.days()
    if in_bill is not None:
        first = first or date.fromisoformat(in_bill[0])
        last = last or date.fromisoformat(in_bill[1])
    if first is None or last is None:
        raise CannotBeDone(
            "The bill has no row of a known action with a time: name --first-day and --last-day,"
            " or say with --columns what its columns and items mean." + _other_items(store)
        )
    if last < first:
        raise CannotBeDone(f"The last day, {last}, is before the first, {first}.")
    return first, last


def _begin(day: date, bill: Bill) -> int:
    return milliseconds(datetime.combine(day, time.min, tzinfo=bill.zone))


def _say_what_is_compared(bill: Bill, period: Period, left_out: int, store: Store) -> None:
    def say(text: str) -> None:
        click.echo(text, err=True)

    form = "your own columns" if bill.form is None else f"the format {bill.form}"
    say(f"The bill is read as {form}, in {bill.encoding}, with times in {bill.zone}.")
    if bill.form is not None and not bill.meaning.confirmed:
        say("Nobody has compared this format with an export of a real account: look at the sums.")
    say(f"Compared are the calls from {iso(period.since or 0)} to {iso(period.until or 0)}.")
    if not bill.has_request_ids:
        say(
            "The bill has no RequestIds, so no single call can be looked up: numbers of calls of"
            " each action, region and day are compared."
        )
    if bill.unknown:
        say(f"Columns that were not used: {', '.join(bill.unknown)}.")
    if bill.skipped:
        say(f"Lines without the values that count: {', '.join(map(str, bill.skipped[:10]))}.")
    if left_out:
        say(f"Rows of other days: {left_out}.")
    if len(bill.currencies) > 1:
        say(f"The bill has several currencies: {', '.join(sorted(bill.currencies))}.")
    others = _other_items(store)
    if others:
        say(others.strip())


def _other_items(store: Store) -> str:
    items = [
        f"{action} ({rows})"
        for action, rows in store.query("SELECT action, rows FROM other_items ORDER BY action")
    ]
    if not items:
        return ""
    more = f" and {len(items) - 20} more" if len(items) > 20 else ""
    return f" Items of no known action, with their rows: {', '.join(items[:20])}{more}."


def _print(findings: Iterable[Finding], days: Iterable[DaySum]) -> int:
    """Prints everything; returns the number of differences."""
    counted = _Counted(findings)
    if choices().as_json:
        output.print_json(
            {"record": "finding", "difference": finding.kind.is_difference, **asdict(finding)}
            for finding in counted
        )
        output.print_json({"record": "sum", **asdict(day)} for day in days)
        output.print_json([{"record": "summary", "differences": counted.differences}])
        return counted.differences
    rows = list(counted)
    for title, is_difference in (("differences", True), ("worth knowing", False)):
        chosen = [finding for finding in rows if finding.kind.is_difference is is_difference]
        if chosen:
            output.print_text(f"{title}: {len(chosen)}")
            output.print_table(_FINDING_COLUMNS, [_cells(finding) for finding in chosen])
            output.print_text("")
    output.print_table(_SUM_COLUMNS, [_sum_cells(day) for day in days])
    output.print_text("")
    output.print_text(
        f"{counted.differences} differences"
        if counted.differences
        else "The bill and the ledger agree"
    )
    return counted.differences


_FINDING_COLUMNS = (
    "what",
    "RequestId",
    "verification",
    "action",
    "region",
    "day",
    "line",
    "detail",
)
_SUM_COLUMNS = (
    "action", "day", "ledger: billed", "unknown", "not billed", "bill: calls", "amount", "expected"
)  # fmt: skip


class _Counted:
    """Findings, whose differences are counted as they pass."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = findings
        self.differences = 0

    def __iter__(self) -> Iterator[Finding]:
        for finding in self._findings:
            self.differences += finding.kind.is_difference
            yield finding


def _cells(finding: Finding) -> list[str]:
    return [
        finding.kind.value,
        finding.request_id or "",
        finding.verification or "",
        finding.action or "",
        finding.region or "",
        finding.day or "",
        "" if finding.line is None else str(finding.line),
        finding.detail,
    ]


def _sum_cells(day: DaySum) -> list[str]:
    numbers = (day.billed, day.unknown, day.not_billed, day.bill_calls)
    return [
        day.action,
        day.day,
        *map(str, numbers),
        day.bill_amount or "",
        day.expected_amount or "",
    ]
