"""`liveproof redo ID`: a new verification with the same proven files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from liveproof import facts
from liveproof.domain.lifecycle import unknown_calls
from liveproof.domain.redo import NotRedoable, require_redoable
from liveproof.domain.verification import Verification
from liveproof.ports import ObjectMissing, ObjectReplaced, ObjectUnreadable
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.intervening import open_operations, who_and_why
from liveproof_cli.loading import load
from liveproof_cli.prices import prices_option, read_prices


@command
@click.argument("verification_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@prices_option
@who_and_why
def run(verification_id: str, yes: bool, prices: Path | None, why: str, by: str | None) -> None:
    """Check the files of a verification that ended as `error` once more, in a new verification.

    Use it after `vendor_account`, `vendor_request` and the like, once the cause is repaired. Nobody
    uploads anything: the new verification reads the same proven objects, which the bucket keeps for
    uploadsExpireDays. It costs a paid call. The client gets a webhook of its own for it, whose
    `redo_of` names the first verification.
    """
    by_action = read_prices(prices)
    with open_operations(why, by) as (deployment, operations):
        verification = load(deployment.records, verification_id)
        try:
            require_redoable(verification)
        except NotRedoable as error:
            raise CannotBeDone(f"{verification_id} {error}") from None
        are_there = _require_files(deployment, verification)
        if not yes:
            _ask(verification, by_action, are_there=are_there)
        new = operations.redo(verification_id)
    if choices().as_json:
        output.print_json([{"id": new.id, "redo_of": new.redo_of, "state": new.status.value}])
    else:
        output.print_text(
            f"{new.id} checks the files of {verification_id}; the next sweep starts it"
        )


def _require_files(deployment: Deployment, verification: Verification) -> bool:
    """Whether the proven objects are there; False where nothing here may look at the bucket.

    Raises:
        CannotBeDone: one of them is not.
    """
    if deployment.bucket is None:
        return False
    for name, file in verification.inputs.items():
        try:
            with deployment.bucket.open(file.proven_key or "", file.proof):
                pass
        except (ObjectMissing, ObjectReplaced, ObjectUnreadable) as error:
            raise CannotBeDone(
                f"{verification.id} cannot be redone: the file of {name} is gone"
                f" ({type(error).__name__}). The client has to ask for a new verification."
            ) from None
    return True


def _ask(verification: Verification, prices: Mapping[str, float], *, are_there: bool) -> None:
    """Raises CannotBeDone for a no, click.UsageError where nobody can be asked."""
    click.echo(_cost(verification, prices), err=True)
    if not are_there:
        click.echo(
            "Nothing here may look at the bucket. If the files are gone, the new verification ends"
            " as error (uploads_gone), without a call.",
            err=True,
        )
    if not sys.stdin.isatty():
        raise click.UsageError("redo asks first, and nobody can answer: add --yes")
    if not click.confirm(f"Check the files of {verification.id} once more?", err=True):
        raise CannotBeDone("nothing was redone")


def _cost(verification: Verification, prices: Mapping[str, float]) -> str:
    last = verification.last_call
    action = last.action if last else facts.checks()[verification.check].apis[0]
    price = prices.get(action)
    amount = "" if price is None else f", {price:g} by your prices"
    sentence = f"It costs a paid call of {action}{amount}, and one more if its outcome is unknown."
    if unknown_calls(verification):
        sentence += " The vendor may have billed a call of the first verification already."
    return sentence
