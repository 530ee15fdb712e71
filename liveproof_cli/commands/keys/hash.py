"""`liveproof keys hash`: the digest of an API key."""

from __future__ import annotations

import sys

import click

from liveproof_cli import output
from liveproof_cli.api_keys import digest
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone

_MOST_CHARACTERS = 4096


@command
def run() -> None:
    """Read an API key from standard input and print its digest.

    A terminal does not show what is typed. No option takes the key: other users of the machine can
    read arguments, and the shell remembers them.
    """
    if sys.stdin.isatty():
        key: str = click.prompt("API key", hide_input=True, err=True)
    else:
        key = sys.stdin.read(_MOST_CHARACTERS)
    key = key.rstrip("\r\n")
    if not key or any(character.isspace() for character in key):
        raise CannotBeDone("Standard input must have one API key and nothing else.")
    if choices().as_json:
        output.print_json([{"sha256": digest(key)}])
    else:
        output.print_text(digest(key))
