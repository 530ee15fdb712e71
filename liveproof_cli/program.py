"""The program `liveproof`: all commands, and how it ends.

Exit status: 0 done, 1 could not be done, 2 misused, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from liveproof import __version__
from liveproof.ports import Conflict, RecordUnreadable
from liveproof_cli import commands
from liveproof_cli.command import common_options
from liveproof_cli.errors import CannotBeDone, one_line
from liveproof_cli.family import Family

INTERRUPTED = 130
"""The exit status of a program that SIGINT ended, as shells report it."""

_TRACEBACK = "LIVEPROOF_TRACEBACK"
"""Set to anything, an error that nobody foresaw shows where it was raised."""


PROGRAM = Family(
    commands,
    name="liveproof",
    params=common_options(read_environment=True),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
click.version_option(__version__, message="%(prog)s %(version)s")(PROGRAM)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line; without arguments that of the process. Returns the exit status."""
    if sys.stdout is None:
        click.echo("Standard output is closed: nothing can be printed.", err=True)
        return 1
    try:
        # A command that exits with a status of its own returns it here.
        status: int | None = PROGRAM.main(arguments, prog_name="liveproof", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return INTERRUPTED
    except (CannotBeDone, Conflict, RecordUnreadable, OSError) as error:
        click.echo(one_line(error), err=True)
        _discard_unwritten_output()
        return 1
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        click.echo(
            f"An error that nobody foresaw, {type(error).__name__}: {one_line(error)}."
            f" Please report it with what the same command prints with {_TRACEBACK}=1.",
            err=True,
        )
        return 1
    return status or 0


def _discard_unwritten_output() -> None:
    """What a full disk did not take: Python would try again at its exit, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
