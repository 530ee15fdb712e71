"""`liveproof erase ID`: a verification without its files and without what names a person."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click

from liveproof.clock import iso
from liveproof.domain.filter import Filter
from liveproof.domain.verification import Verification
from liveproof.use_cases.erase import prefixes_of
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.intervening import (
    act_on_each,
    open_operations,
    print_change,
    who_and_why_if_it_acts,
)
from liveproof_cli.listing import complete
from liveproof_cli.loading import load
from liveproof_cli.operations import Operations
from liveproof_cli.progress import counted

_FIELDS: dict[str, Callable[[Verification], object]] = {
    "reference": lambda one: one.reference,
    "metadata": lambda one: one.metadata,
    "consent_reference": lambda one: one.consent,
    "inputs": lambda one: one.inputs,
    "challenge": lambda one: one.challenge,
    "evidence": lambda one: one.evidence,
    "scores": lambda one: one.verdict and one.verdict.scores,
    "attempts": lambda one: one.delivery and one.delivery.log,
}
"""What of a record goes with an erasure, besides the scores in the ledger."""


@command
@click.argument("verification_id", metavar="[ID]", required=False)
@click.option("--reference", metavar="R", help="Every verification with exactly this reference.")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client's.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@who_and_why_if_it_acts
def run(
    verification_id: str | None,
    reference: str | None,
    clients: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    why: str | None,
    by: str | None,
) -> None:
    """Erase a verification, or all that have a reference. Nothing brings them back.

    The personal fields go at once. The next sweep starts the deletion of every object and every
    version in the bucket. Then the client gets the webhook `verification.erased`. What was called
    and billed stays.

    It is safe in every state, and may be repeated. A paid call that is under way ends first.
    """
    if (verification_id is None) == (reference is None):
        raise click.UsageError("name one verification, or --reference")
    if clients and reference is None:
        raise click.UsageError("--client goes with --reference")
    if why is None and not dry_run:
        raise click.UsageError("Missing option '--why'.")
    with open_operations(why or "", by) as (deployment, operations):
        unreadable: list[str] = []
        if verification_id is not None:
            verifications = [load(deployment.records, verification_id)]
        else:
            verifications = _with_reference(deployment, clients, reference, unreadable)
        if dry_run:
            _describe(verifications)
        else:
            if not yes and verifications:
                _ask(verifications)
            _erase(operations, verifications)
    if unreadable:
        raise CannotBeDone(
            f"Nobody knows which reference {', '.join(dict.fromkeys(unreadable))} has: this version"
            " cannot read the record. Erase it by its id, with the version that wrote it."
        )


def _with_reference(
    deployment: Deployment,
    clients: Sequence[str],
    reference: str | None,
    unreadable: list[str],
) -> list[Verification]:
    """The newest first, without those that are erased already."""
    found = []
    names, criteria = clients or deployment.clients(), Filter(reference=reference)
    with counted("verifications with the reference found") as progress:
        for verification in complete(deployment.records, names, criteria, unreadable):
            found.append(verification)
            progress.advance(verification.created_at)
    return found


def _erase(operations: Operations, verifications: Sequence[Verification]) -> None:
    """Raises CannotBeDone at the end, if one of them did not allow it."""

    def erase(verification_id: str) -> None:
        erased = operations.erase(verification_id)
        print_change(erased, _sentence(erased))

    if not verifications:
        click.echo("no verification has this reference; nothing was erased", err=True)
    if len(verifications) == 1:
        erase(verifications[0].id)
    else:
        act_on_each((verification.id for verification in verifications), erase)


def _describe(verifications: Sequence[Verification]) -> None:
    for verification in verifications:
        fields = [name for name, value in _FIELDS.items() if value(verification)]
        prefixes = list(prefixes_of(verification.id, verification.redo_of))
        erased_already = verification.erasure is not None
        if choices().as_json:
            output.print_json(
                [
                    {
                        "id": verification.id,
                        "client": verification.client,
                        "state": verification.status.value,
                        "created_at": iso(verification.created_at),
                        "fields": fields,
                        "prefixes": prefixes,
                        "erased_already": erased_already,
                    }
                ]
            )
        elif erased_already:
            output.print_text(f"{verification.id} is {verification.status.value} already")
        else:
            output.print_text(
                f"{verification.id} of {verification.client}, {verification.status.value}: every"
                f" object under {', '.join(prefixes)}; the fields {', '.join(fields) or 'none'}"
            )
    count = sum(verification.erasure is None for verification in verifications)
    click.echo(f"{count} would be erased; leave --dry-run out", err=True)


def _ask(verifications: Sequence[Verification]) -> None:
    """Raises CannotBeDone for a no, click.UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise click.UsageError("erase asks first, and nobody can answer: add --yes")
    names = ", ".join(verification.id for verification in verifications[:3])
    more = f" and {len(verifications) - 3} more" if len(verifications) > 3 else ""
    if not click.confirm(f"Erase {names}{more}? Nothing brings them back.", err=True):
        raise CannotBeDone("nothing was erased")


def _sentence(verification: Verification) -> str:
    erasure = verification.erasure
    if erasure is not None and erasure.erased_at is not None:
        return f"is erased since {iso(erasure.erased_at)}"
    return "is being erased; the next sweep starts the deletion of its files"
