"""What every command has in common: how a function becomes one, and the options of all.

A module of `liveproof_cli.commands` has one function, `run`, made a command by `command`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass
class Choices:
    """What the common options say, before or after the command's name.

    Attributes:
        deployment: as --deployment has it; None if nobody named one.
        login: the file with the database's login, where it is needed.
        as_json: whether the output is JSON, one object a line.
    """

    deployment: str | None = None
    login: Path | None = None
    as_json: bool = False


def choices() -> Choices:
    """The common options of the command that runs."""
    return click.get_current_context().ensure_object(Choices)


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value and parameter.name is not None:
        setattr(context.ensure_object(Choices), parameter.name, value)


def common_options(*, read_environment: bool) -> list[click.Option]:
    """The options of every command; they may stand before the command's name as well."""
    return [
        click.Option(
            ["--deployment"],
            metavar="D",
            envvar="LIVEPROOF_DEPLOYMENT" if read_environment else None,
            expose_value=False,
            callback=_keep,
            help="The file that `make local` prints as `deployment`; aws:STAGE or aws:STAGE@REGION;"
            " or a file with the output of `terraform output -json`. Default:"
            " LIVEPROOF_DEPLOYMENT in the environment.",
        ),
        click.Option(
            ["--login"],
            metavar="FILE",
            type=click.Path(path_type=Path),
            envvar="LIVEPROOF_LOGIN" if read_environment else None,
            expose_value=False,
            callback=_keep,
            help="On Tencent Cloud: a file with the text of the database's secret. Default:"
            " LIVEPROOF_LOGIN in the environment.",
        ),
        click.Option(
            ["--json", "as_json"],
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Write JSON, one object a line.",
        ),
    ]


class _Command(click.Command):
    """A command with the common options behind its own."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params += common_options(read_environment=False)


def command(function: Callable[..., None]) -> click.Command:
    """Makes a function the command of its module. Its docstring is the command's help.

    The function calls `choices` for the common options. It raises `CannotBeDone`, or
    `click.UsageError` for what a user can only mend in the command line.
    """
    return click.command(cls=_Command)(function)
