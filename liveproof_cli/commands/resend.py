"""`liveproof resend ID`: a decision's webhook once more, or those of a period."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from liveproof.clock import iso
from liveproof.domain.filter import Filter
from liveproof.domain.verification import Decision, DeliveryState, Verification
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.intervening import act_on_each, open_operations, print_change, who_and_why
from liveproof_cli.listing import complete
from liveproof_cli.moments import Moment
from liveproof_cli.operations import Operations

_SECONDS_BETWEEN = 0.2
"""Five webhooks a second, as a client's own request has them (`use_cases/resend_result.py`)."""

_SENT = "is sent again by the next sweep"


@command
@click.argument("verification_id", metavar="[ID]", required=False)
@click.option("--since", type=Moment(), help="Those created at this time or later.")
@click.option("--until", type=Moment(), help="Those created before this time.")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client's.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in DeliveryState]),
    help="Only deliveries in this state. Default: exhausted.",
)
@click.option(
    "--decision",
    type=click.Choice([decision.value for decision in Decision]),
    help="Only those with this decision.",
)
@click.option("--send", is_flag=True, help="Send those of a period; without it, list them.")
@who_and_why
def run(
    verification_id: str | None,
    since: int | None,
    until: int | None,
    clients: tuple[str, ...],
    state: str | None,
    decision: str | None,
    send: bool,
    why: str,
    by: str | None,
) -> None:
    """Send a decision's webhook again, or those of a period, with a full schedule of attempts.

    The next sweep makes the first attempt. A webhook has the same `webhook-id` as before, so a
    receiver that took it already can tell. With --since the command lists what it would send; add
    --send to send it, five webhooks a second.
    """
    if verification_id is not None:
        if any((since, until, clients, state, decision, send)):
            raise click.UsageError("name one verification, or a time with --since")
        with open_operations(why, by) as (_, operations):
            print_change(operations.resend(verification_id), _SENT)
        return
    if since is None:
        raise click.UsageError("name a verification, or a time with --since")
    criteria = Filter(
        delivery=DeliveryState(state or DeliveryState.EXHAUSTED),
        decision=None if decision is None else Decision(decision),
        since=since,
        until=until,
    )
    with open_operations(why, by) as (deployment, operations):
        range_ = complete(deployment.records, clients or deployment.clients(), criteria)
        if send:
            _send(operations, range_)
        else:
            _list(range_)


def _list(verifications: Iterator[Verification]) -> None:
    count = 0
    for verification in verifications:
        count += 1
        created_at = iso(verification.created_at)
        if choices().as_json:
            document = {"id": verification.id, "client": verification.client}
            output.print_json([{**document, "created_at": created_at, "sent": False}])
        else:
            output.print_text(f"{verification.id} of {verification.client}, created {created_at}")
    click.echo(f"{count} would be sent again; add --send", err=True)


def _send(operations: Operations, verifications: Iterator[Verification]) -> None:
    """Raises CannotBeDone at the end, if some have changed meanwhile."""

    def send(verification_id: str) -> None:
        print_change(operations.resend(verification_id), _SENT)
        time.sleep(_SECONDS_BETWEEN)

    act_on_each((each.id for each in verifications), send, "are sent again")
