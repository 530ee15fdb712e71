"""`liveproof ledger export`: a row for each paid call."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from liveproof import facts
from liveproof.domain.verification import Verification
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.ledger import COLUMNS, Period, Row, build_row, ledger
from liveproof_cli.moments import Moment
from liveproof_cli.prices import prices_option, read_prices
from liveproof_cli.progress import counted


@command
@click.option("--since", type=Moment(), metavar="TIME", help="Calls made then or later: 30d.")
@click.option("--until", type=Moment(), metavar="TIME", help="Calls made before.")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client's.")
@click.option("--check", type=click.Choice(list(facts.checks())), help="Only those of this check.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    help="Default: csv; with --json, jsonl.",
)
@prices_option
def run(
    since: int | None,
    until: int | None,
    clients: tuple[str, ...],
    check: str | None,
    form: str | None,
    prices: Path | None,
) -> None:
    """Write a row for each paid call to standard output.

    A row has the verification, client, check, action, version of the API, region, the vendor's
    RequestId, the times of intent, call and settlement, the outcome, whether it was billed (yes, no
    or unknown) and the price of a billed call, where one is configured. No row names a person.

    A call is in the period if it left then. The rows come by the age of their verifications.
    """
    by_action = read_prices(prices)
    with open_deployment() as deployment, counted("verifications read") as progress:

        def read(verification: Verification) -> None:
            progress.advance(verification.created_at)

        calls = ledger(
            deployment.records,
            clients or deployment.clients(),
            Period(since, until),
            check=check,
            read=read,
        )
        rows = (build_row(verification, call, by_action) for verification, call in calls)
        if form == "jsonl" or (form is None and choices().as_json):
            output.print_json(asdict(row) for row in rows)
        else:
            _write_csv(rows)


def _write_csv(rows: Iterable[Row]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(value) for value in asdict(row).values()])


def _cell(value: object) -> object:
    """A value as a spreadsheet takes it: text that begins like a formula is quoted."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
