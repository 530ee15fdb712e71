"""`liveproof list`: verifications of all clients."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import click

from liveproof import facts
from liveproof.clock import iso, now_ms
from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, DeliveryState, Verification
from liveproof.ports import RecordUnreadable
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.listing import Pause, by_age, unfinished
from liveproof_cli.moments import Moment

_COLUMNS = ("id", "state", "decision", "check", "client", "reference", "delivery", "age", "reason")
_FINAL = (Status.DECIDED, Status.ERASED)


def _names(values: type[Enum]) -> click.Choice[str]:
    return click.Choice([value.value for value in values])


@command
@click.option(
    "--state",
    type=_names(Status),
    help="Only those in this state. What is not decided comes by its due time.",
)
@click.option("--decision", type=_names(Decision), help="Only those with this decision.")
@click.option("--check", type=click.Choice(list(facts.checks())), help="Only those of this check.")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client's.")
@click.option("--reference", metavar="TEXT", help="Only those with this reference of the client.")
@click.option("--delivery", type=_names(DeliveryState), help="Only those with such a delivery.")
@click.option(
    "--since", type=Moment(), metavar="TIME", help="Created then or later: 2d, 2026-11-26."
)
@click.option("--until", type=Moment(), metavar="TIME", help="Created before.")
@click.option("--oldest", is_flag=True, help="The oldest first.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many."
)
@click.option("--after", metavar="ID", help="Go on after this verification.")
def run(
    state: str | None,
    decision: str | None,
    check: str | None,
    clients: tuple[str, ...],
    reference: str | None,
    delivery: str | None,
    since: int | None,
    until: int | None,
    oldest: bool,
    limit: int,
    after: str | None,
) -> None:
    """List verifications, the newest first.

    Each has its state, decision, check, client, reference, delivery, age and reason. `list --state
    held` shows what waits for an operator.

    A list reads so much and no more. Where few verifications meet the conditions, it may end early;
    it says then how it goes on.
    """
    if after is not None and not is_verification_id(after):
        raise click.UsageError(f"--after {after}: this is no id of a verification")
    criteria = Filter(
        status=None if state is None else Status(state),
        decision=None if decision is None else Decision(decision),
        reference=reference,
        delivery=None if delivery is None else DeliveryState(delivery),
        since=since,
        until=until,
        oldest_first=oldest,
    )
    by_due_time = criteria.state not in (None, *_FINAL)
    if by_due_time and (oldest or after is not None):
        raise click.UsageError(
            f"--state {state} comes by the due time: --oldest and --after do not go with it"
        )
    with open_deployment() as deployment:
        if by_due_time:
            rows = _by_due_time(deployment, criteria, clients)
            more = "a larger --limit shows them"
        else:
            names = clients or deployment.clients()
            rows = by_age(deployment.records, names, criteria, after)
            more = "--after {id}"
        _print((row for row in rows if _is_of(row, check)), limit, more)


def _by_due_time(
    deployment: Deployment, criteria: Filter, clients: tuple[str, ...]
) -> Iterator[Verification | Pause]:
    for verification in unfinished(deployment.records, criteria.status or Status.DECIDED):
        if (
            (not clients or verification.client in clients)
            and criteria.first_id <= verification.id < criteria.end_id
            and criteria.matches(verification)
        ):
            yield verification


def _is_of(row: Verification | Pause, check: str | None) -> bool:
    return isinstance(row, Pause) or check in (None, row.check)


def _print(rows: Iterator[Verification | Pause], limit: int, more: str) -> None:
    """Prints so many rows, and how the list goes on.

    Args:
        more: how it does, after the verification `{id}`.

    Raises:
        RecordUnreadable: at the end, if `rows` does.
    """
    now = now_ms()
    shown: list[Verification] = []
    after: str | None = None
    unreadable: RecordUnreadable | None = None
    try:
        for row in rows:
            if isinstance(row, Pause) or len(shown) == limit:
                after = row.id if isinstance(row, Pause) else shown[-1].id
                break
            shown.append(row)
            if choices().as_json:
                output.print_json([_document(row)])
    except RecordUnreadable as error:
        unreadable = error
    if not choices().as_json:
        output.print_table(_COLUMNS, [_cells(verification, now) for verification in shown])
    if after is not None:
        click.echo(f"there may be more: {more.format(id=after)}", err=True)
    if unreadable is not None:
        raise unreadable


def _document(verification: Verification) -> dict[str, Any]:
    verdict, delivery, call = verification.verdict, verification.delivery, verification.last_call
    return {
        "id": verification.id,
        "state": verification.status.value,
        "decision": verdict.decision.value if verdict else None,
        "reason": verdict.reason.code if verdict else None,
        "check": verification.check,
        "client": verification.client,
        "reference": verification.reference,
        "delivery": delivery.state.value if delivery else None,
        "waiting_for": verification.waiting_for.value if verification.waiting_for else None,
        "calls": len(verification.calls),
        "called_at": iso(call.called_at) if call and call.called_at else None,
        "created_at": iso(verification.created_at),
        "due_at": iso(verification.due_at) if verification.due_at is not None else None,
    }


def _cells(verification: Verification, now: int) -> list[str]:
    verdict, delivery = verification.verdict, verification.delivery
    waiting_for = verification.waiting_for
    reason = (
        verdict.reason.code if verdict else f"waits: {waiting_for.value}" if waiting_for else ""
    )
    return [
        verification.id,
        verification.status.value,
        verdict.decision.value if verdict else "",
        verification.check,
        verification.client,
        verification.reference or "",
        delivery.state.value if delivery else "",
        output.duration(now - verification.created_at),
        reason,
    ]
