"""`liveproof list`: verifications of all clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from liveproof.clock import iso, now_ms
from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.listing import Pause, newest, unfinished

_COLUMNS = ("id", "state", "decision", "check", "client", "reference", "delivery", "age", "reason")
_FINAL = Status.DECIDED


@command
@click.option(
    "--state",
    type=click.Choice([status.value for status in Status]),
    help="Only those in this state. Those in a state that is not final come by their due time.",
)
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client's.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many."
)
@click.option("--after", metavar="ID", help="Go on after this verification.")
def run(state: str | None, clients: tuple[str, ...], limit: int, after: str | None) -> None:
    """List verifications, the newest first.

    Each has its state, decision, check, client, reference, delivery, age and reason. `list --state
    held` shows what waits for an operator.
    """
    if after is not None and not is_verification_id(after):
        raise click.UsageError(f"--after {after}: this is no id of a verification")
    with open_deployment() as deployment:
        status = None if state is None else Status(state)
        if status in (None, _FINAL):
            wanted = Filter(status=status)
            rows = newest(deployment.records, clients or deployment.clients(), wanted, after)
            _print(rows, limit)
        elif after is not None:
            raise click.UsageError(f"--after does not go with --state {state}: raise --limit")
        else:
            _print(_of_clients(deployment, Status(state), clients), limit)


def _of_clients(
    deployment: Deployment, status: Status, clients: tuple[str, ...]
) -> Iterator[Verification]:
    for verification in unfinished(deployment.records, status):
        if not clients or verification.client in clients:
            yield verification


def _print(rows: Iterator[Verification | Pause], limit: int) -> None:
    """Prints so many rows, and how the list goes on."""
    now = now_ms()
    shown: list[Verification] = []
    after: str | None = None
    for row in rows:
        if isinstance(row, Pause) or len(shown) == limit:
            after = row.id if isinstance(row, Pause) else shown[-1].id
            break
        shown.append(row)
        if choices().as_json:
            output.print_json([_document(row)])
    if not choices().as_json:
        output.print_table(_COLUMNS, [_cells(verification, now) for verification in shown])
    if after is not None:
        click.echo(f"there may be more: --after {after}", err=True)


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
