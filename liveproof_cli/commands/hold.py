"""`liveproof hold ID`: no paid call without an operator."""

from __future__ import annotations

import click

from liveproof.clock import iso
from liveproof.domain.next_move import HOLD_MS
from liveproof_cli.command import command
from liveproof_cli.intervening import open_operations, print_change, who_and_why

_HOUR_MS = 60 * 60 * 1000
_MOST_HOURS = 30 * 24


@command
@click.argument("verification_id", metavar="ID")
@click.option(
    "--hours",
    type=click.IntRange(1, _MOST_HOURS),
    default=HOLD_MS // _HOUR_MS,
    show_default=True,
    help="How long it is held. Its files are deleted after uploadsExpireDays.",
)
@who_and_why
def run(verification_id: str, hours: int, why: str, by: str | None) -> None:
    """Make no paid call for a verification until somebody releases it.

    It must be ready or checking, and no call may be under way. Of a verification that is held, the
    hold gets a new end. If nobody releases it, it ends as `error`.
    """
    with open_operations(why, by) as (_, operations):
        held = operations.hold(verification_id, hours * _HOUR_MS)
        print_change(held, f"is held until {iso(held.due_at or 0)}")
