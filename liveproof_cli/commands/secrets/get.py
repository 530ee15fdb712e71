"""`liveproof secrets get NAME`: the document of a secret, to change it."""

from __future__ import annotations

import click

from liveproof_cli.command import command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.secret_files import OPERATORS


@command
@click.argument("name", type=click.Choice(OPERATORS))
def run(name: str) -> None:
    """Print the document of the secret NAME, as it is.

    It has keys: write it into a file that only you may read (umask 077), and delete the file when
    you have put it back.
    """
    with open_deployment() as deployment:
        content = deployment.secret(name)
    click.echo(content.decode(), nl=not content.endswith(b"\n"))
