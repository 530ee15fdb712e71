"""What the commands have in common that change a verification: who does it, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from liveproof.clock import SystemClock, iso
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict, RecordUnreadable
from liveproof_cli import output
from liveproof_cli.command import choices
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone, one_line
from liveproof_cli.operations import Operations, Operator

_MOST_CHARACTERS = 300

F = TypeVar("F", bound=Callable[..., Any])


def _reason(context: click.Context, parameter: click.Parameter, why: str | None) -> str | None:
    if why is None:
        return None
    why = why.strip()
    if not 0 < len(why) <= _MOST_CHARACTERS:
        raise click.BadParameter(f"a reason has 1 to {_MOST_CHARACTERS} characters")
    return why


def who_and_why(function: F) -> F:
    """Gives a command the options `--why` and `--by`, as its parameters `why` and `by`."""
    return _options(function, required=True)


def who_and_why_if_it_acts(function: F) -> F:
    """The same for a command that may only look: `why` is None if nobody gave a reason."""
    return _options(function, required=False)


def _options(function: F, *, required: bool) -> F:
    why = click.option(
        "--why",
        required=required,
        callback=_reason,
        metavar="TEXT",
        help="The reason, which the verification's record keeps. Name no person in it.",
    )
    by = click.option(
        "--by",
        metavar="NAME",
        help="Who does it. Default: on AWS the ARN of your login, elsewhere USER@HOST.",
    )
    return why(by(function))


@contextmanager
def open_operations(why: str, by: str | None) -> Iterator[tuple[Deployment, Operations]]:
    """The deployment that --deployment names, and an operator's work on it."""
    with open_deployment() as deployment:
        operator = Operator(by or deployment.operator(), why)
        yield deployment, Operations(deployment.records, SystemClock(), operator)


def act_on_each(
    verification_ids: Iterable[str], act: Callable[[str], None], summary: str = ""
) -> None:
    """Act on every verification, also after one of them did not allow it.

    Args:
        summary: said at the end, behind the number of those that allowed it.

    Raises:
        CannotBeDone: at the end, if one did not. Each has a sentence on standard error by then.
    """
    done = failed = 0
    for verification_id in verification_ids:
        try:
            act(verification_id)
            done += 1
        except (CannotBeDone, Conflict, RecordUnreadable) as error:
            failed += 1
            click.echo(one_line(error), err=True)
    if summary:
        click.echo(f"{done} {summary}", err=True)
    if failed:
        raise CannotBeDone(f"{failed} could not be done: do it again for them")


def print_change(verification: Verification, sentence: str) -> None:
    """Prints what became of a verification: the sentence begins after its id."""
    if choices().as_json:
        due_at = verification.due_at
        output.print_json(
            [
                {
                    "id": verification.id,
                    "state": verification.status.value,
                    "due_at": None if due_at is None else iso(due_at),
                }
            ]
        )
    else:
        output.print_text(f"{verification.id} {sentence}")
