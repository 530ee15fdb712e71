"""`liveproof settle ID`: what became known of a call whose outcome was unknown."""

from __future__ import annotations

import click

from liveproof.domain.states import Status
from liveproof_cli.command import command
from liveproof_cli.intervening import open_operations, print_change, who_and_why
from liveproof_cli.operations import CallResult


@command
@click.argument("verification_id", metavar="ID")
@click.option(
    "--outcome",
    required=True,
    type=click.Choice([result.value for result in CallResult]),
    help="What is known of the call, from the vendor's console or bill.",
)
@who_and_why
def run(verification_id: str, outcome: str, why: str, by: str | None) -> None:
    """Write into the ledger what is known of a held verification's call, and go on.

    not_executed: the vendor did not execute the call, so it costs nothing. The next sweep makes it.

    billed: the vendor executed and billed it, and its answer is lost. The verification is decided
    at once: `error`, for the reason `call_outcome_unknown`.

    unknown: nobody will know. It is decided in the same way, and the ledger says `unknown`.
    """
    with open_operations(why, by) as (_, operations):
        settled = operations.settle(verification_id, CallResult(outcome))
        is_decided = settled.status is Status.DECIDED
        sentence = "is decided: error" if is_decided else "goes on: the next sweep makes the call"
        print_change(settled, sentence)
