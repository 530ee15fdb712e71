"""`liveproof resend ID`: a decision's webhook once more."""

from __future__ import annotations

import click

from liveproof_cli.command import command
from liveproof_cli.intervening import open_operations, print_change, who_and_why


@command
@click.argument("verification_id", metavar="ID")
@who_and_why
def run(verification_id: str, why: str, by: str | None) -> None:
    """Send a decision's webhook again, with a full schedule of attempts.

    The next sweep makes the first attempt. The webhook has the same `webhook-id` as before, so a
    receiver that took it already can tell.
    """
    with open_operations(why, by) as (_, operations):
        print_change(operations.resend(verification_id), "is sent again by the next sweep")
