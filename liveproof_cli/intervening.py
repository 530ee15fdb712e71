"""What the commands have in common that change a verification: who does it, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from liveproof.clock import SystemClock, iso
from liveproof.domain.verification import Verification
from liveproof_cli import output
from liveproof_cli.command import choices
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
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
