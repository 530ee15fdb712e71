"""`liveproof release ID`: a paid call for a held verification."""

from __future__ import annotations

import sys

import click

from liveproof.domain.states import Status
from liveproof.ports import RecordUnreadable
from liveproof_cli.command import command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.intervening import act_on_each, open_operations, print_change, who_and_why
from liveproof_cli.listing import unfinished


@command
@click.argument("verification_id", metavar="[ID]", required=False)
@click.option("--all", "every", is_flag=True, help="Everything that is held, instead of an ID.")
@click.option("--yes", is_flag=True, help="Do not ask before --all.")
@who_and_why
def run(verification_id: str | None, every: bool, yes: bool, why: str, by: str | None) -> None:
    """Allow a paid call for a held verification, or for all of them.

    The next sweep makes the call. If a call's outcome was unknown and the outcome of this one is
    unknown as well, the verification ends as `error`.
    """
    if every == (verification_id is not None):
        raise click.UsageError("name one verification, or --all")
    with open_operations(why, by) as (deployment, operations):

        def release(held: str) -> None:
            print_change(operations.release(held), "is released; the next sweep makes the call")

        if verification_id is not None:
            release(verification_id)
            return
        ids, unreadable = _held(deployment)
        if not yes:
            _ask(len(ids))
        act_on_each(ids, release)
    if unreadable is not None:
        raise unreadable


def _ask(count: int) -> None:
    """Raises CannotBeDone for a no, click.UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise click.UsageError("--all asks before it releases, and nobody can answer: add --yes")
    if not click.confirm(f"{count} are held. Make a paid call for each?", err=True):
        raise CannotBeDone("nothing was released")


def _held(deployment: Deployment) -> tuple[list[str], RecordUnreadable | None]:
    """The ids of what is held; and an error, if a record that is held cannot be read."""
    ids = []
    try:
        for verification in unfinished(deployment.records, Status.HELD):
            ids.append(verification.id)
    except RecordUnreadable as error:
        return ids, error
    return ids, None
