"""`liveproof secrets put NAME FILE`: a secret's new document, checked before it is written."""

from __future__ import annotations

from pathlib import Path

import click

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.secret_files import KINDS, OPERATORS, read_as, read_bytes


@command
@click.argument("name", type=click.Choice(OPERATORS))
@click.argument("file", type=click.Path(path_type=Path))
def run(name: str, file: Path) -> None:
    """Write FILE into the secret NAME, if the functions would take it; - is standard input.

    The functions read it within `secretsCacheSeconds`, without a deployment; a key that they would
    refuse makes them read it at once.
    """
    content = read_bytes(file)
    read_as(content, KINDS[name], f"{file} ({name})")
    with open_deployment() as deployment:
        deployment.put_secret(name, content)
    if choices().as_json:
        output.print_json([{"secret": name, "put": True}])
    else:
        output.print_text(f"{name}: put; functions read it within secretsCacheSeconds")
