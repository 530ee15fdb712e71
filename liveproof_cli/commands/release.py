"""`liveproof release ID`: one more paid call for a held verification."""

from __future__ import annotations

import click

from liveproof.clock import SystemClock
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.operations import release


@command
@click.argument("verification_id", metavar="ID")
def run(verification_id: str) -> None:
    """Allow one more paid call for a held verification.

    The next sweep makes the call. If the outcome of this call is unknown as well, the verification
    ends as `error`.
    """
    with open_deployment() as deployment:
        released = release(deployment.records, SystemClock(), verification_id)
    if choices().as_json:
        output.print_json([{"id": released.id, "state": released.status.value}])
    else:
        output.print_text(f"{released.id} is released; the next sweep makes the call")
