"""`liveproof redrive`: dead letters back into their queues, and steps that were given up."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import click

from liveproof.clock import now_ms
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.progress import counted
from liveproof_cli.redriving import FREE, Item, dead_letters, given_up

_COLUMNS = ("verification", "from", "does", "costs")


@command
@click.option("--dry-run", is_flag=True, help="Only say what each would do and cost.")
@click.option("--yes", is_flag=True, help="Do not ask, although it may pay for calls.")
@click.option(
    "--awaited-for",
    "awaited_seconds",
    type=click.IntRange(0, 86_400),
    default=120,
    show_default=True,
    help="Look for uploads that have been awaited for so many seconds.",
)
def run(dry_run: bool, yes: bool, awaited_seconds: int) -> None:
    """Send what was given up on to its step again.

    On AWS these are the dead letters of every queue. On both clouds they are also verifications
    that are overdue, and those that still wait for an upload: it may lie in the bucket, and its
    event be lost. Mend the cause first.

    No call is paid for twice: the ledger decides. The sweep would do the same, later.
    """
    with open_deployment() as deployment:
        items: list[Item] = []
        try:
            with counted("messages and verifications looked at") as progress:
                for item in _given_up_on(deployment, awaited_seconds * 1000):
                    items.append(item)
                    progress.advance()
            if not choices().as_json:
                output.print_table(_COLUMNS, [_cells(item) for item in items])
            if not dry_run and not yes:
                _ask(items)
        except BaseException:
            _leave(items)
            raise
        if dry_run:
            _leave(items)
            _report(items, sent=False)
        else:
            _send(items)


def _given_up_on(deployment: Deployment, awaited_ms: int) -> Iterator[Item]:
    """Dead letters, and the verifications that have none. Each letter is hidden until it is left.

    Raises:
        CannotBeDone: nothing says how steps are started.
    """
    if deployment.steps is None:
        raise CannotBeDone(
            "The deployment's file does not say how steps are started: make it again, with"
            " `terraform output -json`."
        )
    now, queues = now_ms(), deployment.queues
    ids = set()
    if queues is not None:
        bucket = deployment.outputs.get("BucketName", "")
        for item in dead_letters(queues, deployment.records, bucket, now):
            ids.add(item.id)
            yield item
    for item in given_up(deployment.records, deployment.steps, now, awaited_ms):
        if item.id not in ids:
            yield item


def _cells(item: Item) -> tuple[str, ...]:
    return item.id or "", item.source, item.effect.does, item.effect.costs


def _ask(items: Sequence[Item]) -> None:
    """Raises CannotBeDone for a no, click.UsageError where nobody can be asked."""
    paid = sum(item.effect.costs != FREE for item in items)
    if not paid:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"redrive asks before it pays, here for at most {paid} calls, and nobody can answer:"
            " add --yes"
        )
    if not click.confirm(f"At most {paid} calls are paid for. Go on?", err=True):
        raise CannotBeDone("nothing was sent")


def _send(items: Sequence[Item]) -> None:
    """Every item, also after one has failed. Raises CannotBeDone at the end then."""
    failures: list[Exception] = []
    sent: list[Item] = []
    with counted("sent") as progress:
        for item in items:
            if item.redrive is None:
                item.leave()
                continue
            try:
                item.redrive()
                sent.append(item)
                progress.advance()
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                failures.append(error)
    _report(sent, sent=True)
    if failures:
        raise failures[0]


def _leave(items: Sequence[Item]) -> None:
    for item in items:
        item.leave()


def _report(items: Sequence[Item], *, sent: bool) -> None:
    if choices().as_json:
        output.print_json(
            {
                "id": item.id,
                "from": item.source,
                "does": item.effect.does,
                "costs": item.effect.costs,
                "sent": sent,
            }
            for item in items
        )
    else:
        click.echo(f"{len(items)} {'sent' if sent else 'would be sent; nothing was'}", err=True)
