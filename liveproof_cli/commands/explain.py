"""`liveproof explain CODE`: what a code means."""

from __future__ import annotations

import click

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.explanations import explanations


@command
@click.argument("code")
def run(code: str) -> None:
    """Say what a CODE means: a vendor's, or one of ours.

    A code is such as FailedOperation.LivessDetectFake or 1002 (of a vendor), too_dark (a reason),
    tls_failed (of a delivery), not_configured (of the API), STEP_STUCK (in a log line) or
    UploadFoundLate (a metric). It is explained once for each product and kind that has it. This
    needs no deployment.
    """
    entries = explanations(code)
    if not entries:
        raise CannotBeDone(f"{code!r} is no code that is known")
    if choices().as_json:
        output.print_json(entries)
        return
    for number, entry in enumerate(entries):
        if number:
            output.print_text("")
        output.print_fields((name, _text(value)) for name, value in entry.items())


def _text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


# A code may begin with a minus.
run.context_settings["ignore_unknown_options"] = True
